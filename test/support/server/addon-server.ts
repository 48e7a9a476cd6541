import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Router } from 'express'
import { Fault } from '../../../common/errors.ts'
import { createBaseUrl } from '../../../server/http/base-url.ts'
import { createErrorHandler } from '../../../server/http/errors.ts'
import { checkRequest } from '../../../server/http/request-checks.ts'

export interface LoopbackServer {
  /** `http://127.0.0.1:<port>` */
  readonly base: string
  close(): Promise<void>
}

/** Routers behind the real request checks and error handler, on a free loopback port. */
export async function serveRouters(
  routers: (baseUrl: ReturnType<typeof createBaseUrl>) => readonly Router[],
  publicUrl?: string,
): Promise<LoopbackServer> {
  const app = express()
  app.use(checkRequest)
  app.use(...routers(createBaseUrl({ publicUrl })))
  app.use(() => {
    throw new Fault('NOT_FOUND')
  })
  app.use(createErrorHandler(() => undefined))
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    base: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
