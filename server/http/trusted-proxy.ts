import express, { type Express } from 'express'
import type { Config } from '../../config/config.ts'

export function setTrust(app: Express, trustProxy: Config['trustProxy']): void {
  if (trustProxy !== undefined) app.set('trust proxy', trustProxy)
}

/** Whether TRUST_PROXY names an address: what comes from there are requests of others. */
export function createProxyCheck(trustProxy: Config['trustProxy']): (address: string) => boolean {
  const app = express()
  setTrust(app, trustProxy)
  // Express compiles the setting to proxy-addr's function of an address and its distance.
  const trusts: (address: string, distance: number) => boolean = app.get('trust proxy fn')
  return (address) => trusts(address, 0)
}
