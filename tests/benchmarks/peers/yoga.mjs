// GraphQL Yoga with graphql-jit, on Node's own HTTP server.

import { createServer } from 'node:http'
import { useGraphQlJit } from '@envelop/graphql-jit'
import { createSchema, createYoga } from 'graphql-yoga'
import { resolvers, typeDefs } from './titles.mjs'

const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }), plugins: [useGraphQlJit()], logging: false,
})
const server = createServer(yoga)
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
