import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startProgram, versionOf } from '../../support/clients/program.ts'
import { freePort } from '../../support/free-port.ts'

export interface Opentracker {
  /** Its announce addresses. */
  readonly http: string
  readonly udp: string
  close(): Promise<void>
}

/** Whether it is there: it has no version, and says how it is to be started. */
export const hasOpentracker = (): boolean =>
  versionOf(['opentracker', '--help'], /(Usage: opentracker)/) !== undefined

/**
 * Debian's speaks IPv4 only, knows the torrents of a list alone, and as root locks itself into its folder.
 * @param infoHashes hex
 */
export async function startOpentracker(infoHashes: readonly string[]): Promise<Opentracker> {
  const folder = await mkdtemp(join(tmpdir(), 'playlink-opentracker-'))
  // There it is nobody.
  await chmod(folder, 0o755)
  await writeFile(join(folder, 'known'), infoHashes.map((hash) => `${hash}\n`).join(''))
  const port = await freePort()
  const at = ['-i', '127.0.0.1', '-p', `${port}`, '-P', `${port}`]
  const program = startProgram(['opentracker', ...at, '-d', folder, '-w', 'known'], folder)
  await program.listensAt(port)
  return {
    http: `http://127.0.0.1:${port}/announce`,
    udp: `udp://127.0.0.1:${port}`,
    close: async () => {
      await program.stop()
      await rm(folder, { recursive: true })
    },
  }
}
