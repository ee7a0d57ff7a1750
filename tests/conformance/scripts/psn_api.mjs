// node psn_api.mjs SANDBOX: runs the published PSN client against the sandbox with the given NPSSO
// and client. It has no setting for an address, so its fetch is redirected to the sandbox.
import * as psn from "psn-api";
import { given } from "./given.mjs";

const sandbox = process.argv[2].replace(/\/$/, "");
const HOSTS = /\.(playstation\.com|playstation\.net|sony\.com)$/;
const network = globalThis.fetch;
const basic = `Basic ${Buffer.from(`${given.clientId}:${given.clientSecret}`).toString("base64")}`;

globalThis.fetch = (input, init = {}) => {
  const url = new URL(input);
  if (!HOSTS.test(url.hostname)) throw new Error(`not PSN: ${url.hostname}`);
  const headers = new Headers(init.headers);
  if (url.searchParams.has("client_id")) url.searchParams.set("client_id", given.clientId);
  if (headers.get("authorization")?.startsWith("Basic ")) headers.set("authorization", basic);
  return network(`${sandbox}/${url.hostname}${url.pathname}${url.search}`, { ...init, headers });
};

const failure = (promise) => promise.then((value) => ({ value }), (error) => ({ error: error.message }));

const code = await psn.exchangeNpssoForAccessCode(given.npsso);
const tokens = await psn.exchangeAccessCodeForAuthTokens(code);
const refreshed = await psn.exchangeRefreshTokenForAuthTokens(tokens.refreshToken);
const me = { accessToken: refreshed.accessToken };

const titles = await psn.getUserTitles(me, "me", { limit: 5 });
const later = await psn.getUserTitles(me, "me", { limit: 5, offset: titles.nextOffset });
const chosen = (await psn.getUserTitles(me, "me")).trophyTitles.find(({ trophyTitleName }) => trophyTitleName === given.title);
const { npCommunicationId, npServiceName } = chosen;
const game = { npServiceName };
const defined = await psn.getTitleTrophies(me, npCommunicationId, "all", game);
const earned = await psn.getUserTrophiesEarnedForTitle(me, "me", npCommunicationId, "all", game);
const groups = await psn.getTitleTrophyGroups(me, npCommunicationId, game);
const earnings = await psn.getUserTrophyGroupEarningsForTitle(me, "me", npCommunicationId, game);
const friend = (await psn.getProfileFromUserName(me, given.friend)).profile;
const found = await psn.makeUniversalSearch(me, given.friend, "SocialAllAccounts");

console.log(
  JSON.stringify({
    signIn: { code: code.slice(0, 3), expires: tokens.expiresIn, rotated: refreshed.refreshToken !== tokens.refreshToken },
    badNpsso: await failure(psn.exchangeNpssoForAccessCode("x".repeat(64))),
    summary: await psn.getUserTrophyProfileSummary(me, "me"),
    titles: { first: titles.trophyTitles.length, next: titles.nextOffset, total: titles.totalItemCount, later: later.trophyTitles.length },
    chosen,
    trophies: {
      defined: defined.trophies.map(({ trophyId }) => trophyId),
      earned: earned.trophies.map(({ trophyId }) => trophyId),
      count: earned.trophies.filter((each) => each.earned).length,
      rarities: earned.trophies.map(({ trophyEarnedRate }) => trophyEarnedRate),
    },
    groups: {
      defined: groups.trophyGroups.map(({ trophyGroupId }) => trophyGroupId),
      earned: earnings.trophyGroups.map(({ trophyGroupId }) => trophyGroupId),
      progress: earnings.progress,
    },
    byProduct: await psn.getUserTrophiesForSpecificTitle(me, "me", { npTitleIds: "PPSA00001_00" }),
    unknownTitle: await failure(psn.getUserTrophyGroupEarningsForTitle(me, "me", "NPWR99999_00", game)),
    profile: { friend, own: await psn.getProfileFromAccountId(me, friend.accountId) },
    region: (await psn.getUserRegion(me, given.friend, ["en"])).code,
    presence: await psn.getBasicPresence(me, friend.accountId),
    friends: (await psn.getUserFriendsAccountIds(me, "me")).friends,
    requests: await psn.getUserFriendsRequests(me),
    blocked: await psn.getUserBlockedAccountIds(me),
    devices: (await psn.getAccountDevices(me)).accountDevices.length,
    link: await psn.getProfileShareableLink(me, friend.accountId),
    search: found.domainResponses[0].results.map(({ socialMetadata }) => socialMetadata.onlineId),
    played: await psn.getRecentlyPlayedGames(me, { limit: 3 }),
    purchased: await psn.getPurchasedGames(me, { size: 3 }),
    expired: await psn.getUserTitles({ accessToken: "expired" }, "me"),
  }),
);
