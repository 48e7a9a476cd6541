import { createServer } from 'node:net'

/** Whether this port of loopback can be had; 0 always can. @throws what is not about the port */
export const portIsFree = async (port: number): Promise<boolean> =>
  (await tryPort(port)) !== undefined

/** A port of loopback that is free at the moment: the wanted one, else any. */
export async function freePort(wanted = 0): Promise<number> {
  const port = (await tryPort(wanted)) ?? (await tryPort(0))
  if (port === undefined) throw new Error('no port of this machine is free')
  return port
}

/** The port that was listened on for a moment; undefined when it is somebody else's. */
function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined)
      else reject(error)
    })
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' ? address?.port : undefined))
    })
  })
}
