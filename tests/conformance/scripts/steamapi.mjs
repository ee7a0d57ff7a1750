// node steamapi.mjs SANDBOX: runs the published Steam client against the sandbox with the given key.
import SteamAPI from "steamapi";
import { given } from "./given.mjs";

const sandbox = process.argv[2].replace(/\/$/, "");
const baseAPI = `${sandbox}/api.steampowered.com`;
const steam = new SteamAPI(given.key, { baseAPI });

const failure = (promise) => promise.then((value) => ({ value }), (error) => ({ error: error.message }));

const id = await steam.resolve(`https://steamcommunity.com/id/${given.vanity}`);
const summaries = await steam.getUserSummary([id, given.second, given.unknown]);
const owned = await steam.getUserOwnedGames(id, { includeAppInfo: true, includeFreeGames: true });
const recent = await steam.getUserRecentGames(id);
const achievements = await steam.getUserAchievements(id, given.app);
const schema = await steam.getGameSchema(given.app);

console.log(
  JSON.stringify({
    id,
    unknownName: await failure(steam.resolve("nobody_here")),
    summaries: summaries.map((each) => ({ id: each.steamID, name: each.nickname, visible: each.visible })),
    friends: (await steam.getUserFriends(id)).map((each) => each.steamID),
    hiddenFriends: await failure(steam.getUserFriends(given.second)),
    level: await steam.getUserLevel(id),
    badges: (await steam.getUserBadges(id)).level,
    owned: owned.map((each) => ({ id: each.game.id, name: each.game.name, minutes: each.minutes })),
    recent: recent.map((each) => each.game.id),
    hiddenGames: await failure(steam.getUserOwnedGames(given.hidden)),
    achievements: {
      game: achievements.game,
      unlocked: achievements.achievements.filter((each) => each.unlocked).map((each) => each.apiname ?? each.name),
      count: achievements.achievements.length,
    },
    noStats: await failure(steam.getUserAchievements(id, given.tool)),
    hidden: await failure(steam.getUserAchievements(given.hidden, given.app)),
    schema: { name: schema.name, achievements: schema.availableGameStats.achievements.length },
    percentages: await steam.getGameAchievementPercentages(given.app),
    players: await steam.getGamePlayers(given.app),
    wrongKey: await failure(new SteamAPI("0".repeat(32), { baseAPI }).getUserLevel(id)),
  }),
);
process.exit(0);
