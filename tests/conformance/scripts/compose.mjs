// node compose.mjs: composes our subgraph, given as {sdl}, with another one, by all composers.
import { composeServices as byApollo } from "@apollo/composition";
import { composeServices as byHive } from "@theguild/federation-composition";
import { federateSubgraphs as byCosmo } from "@wundergraph/composition";
import { parse } from "graphql";
import { given } from "./given.mjs";
import { sdl } from "./neighbour.mjs";

const subgraphs = [
  { name: "trophycase", url: "http://trophycase.invalid", sdl: given.sdl },
  { name: "neighbour", url: "http://neighbour.invalid", sdl },
].map((each) => ({ ...each, typeDefs: parse(each.sdl), definitions: parse(each.sdl) }));
const texts = (found) => (found ?? []).map(String);

const apollo = byApollo(subgraphs);
const hive = byHive(subgraphs);
const cosmo = byCosmo({ subgraphs });
console.log(
  JSON.stringify({
    apollo: { composed: Boolean(apollo.supergraphSdl), said: texts(apollo.errors).concat(texts(apollo.hints)) },
    hive: { composed: Boolean(hive.supergraphSdl), said: texts(hive.errors) },
    cosmo: { composed: cosmo.success, said: texts(cosmo.errors).concat(texts(cosmo.warnings)) },
  }),
);
