// The complete titles of an account, as both peers on Node load and keep them, and their resolvers.
//
// One call for the list, then three calls for each title, all concurrent. What is loaded is joined
// to the fields of the graph once and kept in memory.

import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { Pool } from 'undici'

const MAX_CONNECTIONS = 100
const pool = new Pool(process.env.UPSTREAM_URL, { connections: MAX_CONNECTIONS })
const headers = { authorization: `Bearer ${process.env.UPSTREAM_TOKEN}` }
const loaded = new Map()

export const typeDefs = readFileSync(new URL('schema.graphql', import.meta.url), 'utf8')

export const resolvers = {
  Query: { user: (_, { accounts }) => ({ handle: accounts[0].handle }) },
  User: {
    id: ({ handle }) => buildUserId(handle),
    trophyTitles: async ({ handle }, { first }) => {
      if (!loaded.has(handle)) loaded.set(handle, await loadTitles(handle))
      return { edges: loaded.get(handle).slice(0, first).map((node) => ({ node })) }
    },
  },
}

async function get(path) {
  const { body } = await pool.request({
    path: `/m.np.playstation.com/api/trophy/v1/${path}`, method: 'GET', headers,
  })
  return body.json()
}

async function loadTitles(handle) {
  const page = await get(`users/${handle}/trophyTitles?limit=800&offset=0`)
  return Promise.all(page.trophyTitles.map((row) => loadTitle(handle, row)))
}

async function loadTitle(handle, row) {
  const path = `npCommunicationIds/${row.npCommunicationId}/trophyGroups`
  const service = `npServiceName=${row.npServiceName}`
  const [groups, defined, earned] = await Promise.all([
    get(`${path}?${service}`),
    get(`${path}/all/trophies?${service}`),
    get(`users/${handle}/${path}/all/trophies?${service}`),
  ])
  return joinTitle(row, groups, defined, earned)
}

function joinTitle(row, groups, defined, earned) {
  const states = new Map(earned.trophies.map((each) => [each.trophyId, each]))
  const achievements = new Map()
  for (const each of defined.trophies) {
    const joined = joinAchievement(each, states.get(each.trophyId))
    const group = achievements.get(each.trophyGroupId)
    if (group) group.push(joined)
    else achievements.set(each.trophyGroupId, [joined])
  }
  return {
    nativeId: row.npCommunicationId,
    name: row.trophyTitleName,
    platforms: row.trophyTitlePlatform.split(','),
    progress: row.progress,
    groups: groups.trophyGroups.map((group) => ({
      nativeId: group.trophyGroupId,
      name: group.trophyGroupName,
      achievements: achievements.get(group.trophyGroupId) ?? [],
    })),
  }
}

function joinAchievement(defined, state) {
  return {
    nativeId: String(defined.trophyId),
    name: defined.trophyName,
    description: defined.trophyDetail,
    grade: defined.trophyType.toUpperCase(),
    hidden: defined.trophyHidden,
    earned: state.earned,
    earnedAt: state.earnedDateTime ?? null,
    icon: { url: defined.trophyIconUrl },
    rarity: { percent: Number(state.trophyEarnedRate) },
  }
}

function buildUserId(handle) {
  const text = Buffer.from(JSON.stringify(['User', 'PSN', handle]))
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32BE(crc32(text))
  return Buffer.concat([checksum.subarray(1), text]).toString('base64url')
}
