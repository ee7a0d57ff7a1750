// Mercurius with its just-in-time compiler, on Fastify.

import Fastify from 'fastify'
import mercurius from 'mercurius'
import { resolvers, typeDefs } from './titles.mjs'

const app = Fastify({ bodyLimit: 1_000_000 })
app.register(mercurius, { schema: typeDefs, resolvers, jit: 1 })
console.log(await app.listen({ host: '127.0.0.1', port: 0 }))
