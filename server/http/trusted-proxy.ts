import type { IncomingMessage } from 'node:http'
import express, { type Express } from 'express'
import type { Config } from '../../config/config.ts'

export function setTrust(app: Express, trustProxy: Config['trustProxy']): void {
  if (trustProxy !== undefined) app.set('trust proxy', trustProxy)
}

/** Express compiles the setting to proxy-addr's function of an address and its distance. */
function trusting(trustProxy: Config['trustProxy']): Express {
  const app = express()
  setTrust(app, trustProxy)
  return app
}

/** Whether TRUST_PROXY names an address: what comes from there are requests of others. */
export function createProxyCheck(trustProxy: Config['trustProxy']): (address: string) => boolean {
  const trusts: (address: string, distance: number) => boolean =
    trusting(trustProxy).get('trust proxy fn')
  return (address) => trusts(address, 0)
}

/** Whose request it is: its peer's, behind a proxy that TRUST_PROXY names the true client's. */
export type ClientAddress = (req: IncomingMessage) => string

/** The same as `req.ip` of Express, also for requests that Express has not seen. */
export function createClientAddress(trustProxy: Config['trustProxy']): ClientAddress {
  if (trustProxy === undefined) return ({ socket }) => socket.remoteAddress ?? ''
  const app = trusting(trustProxy)
  return ({ headers, socket }) => {
    const ip: unknown = Reflect.get(app.request, 'ip', { app, headers, socket })
    return typeof ip === 'string' ? ip : ''
  }
}
