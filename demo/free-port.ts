import { createServer } from 'node:net'

/** The first of those that are tried, and how many there are: below 32768, where Linux takes the ports of connections. */
const FIRST_PORT = 12_000
const PORTS = 10_000

/**
 * A port of loopback that is free at the moment: the wanted one, else any that no connection gets by itself before
 * a program listens there.
 */
export async function freePort(wanted = 0): Promise<number> {
  if (wanted !== 0 && (await portIsFree(wanted))) return wanted
  for (let tries = 0; tries < PORTS; tries++) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS)
    if (await portIsFree(port)) return port
  }
  throw new Error('no port of this machine is free')
}

/** Whether this port of loopback can be had; 0 always can. @throws what is not about the port */
export function portIsFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false)
      else reject(error)
    })
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
