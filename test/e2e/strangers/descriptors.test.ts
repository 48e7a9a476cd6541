import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { type Playlink, startPlaylink } from '../../support/server/playlink.ts'
import { ask } from '../../support/server/request.ts'
import { playMovie } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'

const FILM = 'tt9007301'
const OPEN_FILES = 150

let folder: string
let server: Playlink
const sockets: Socket[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-descriptors-'))
})
async function start(limits: string): Promise<void> {
  const catalogue = join(folder, 'catalogue')
  await mkdir(catalogue)
  await writeFile(join(catalogue, 'film.mp4'), Buffer.alloc(100_000, 7))
  const film = { id: FILM, type: 'movie', name: 'film', sources: [{ path: './film.mp4' }] }
  await writeFile(join(catalogue, 'titles.json'), JSON.stringify({ version: 1, titles: [film] }))
  const env = { CATALOGUE: join(catalogue, 'titles.json'), RATE_LIMIT: limits }
  server = await startPlaylink(folder, env, { openFiles: OPEN_FILES })
}
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

const isOpen = (socket: Socket): boolean => !socket.destroyed && socket.readyState === 'open'

test.each(['on', 'off'])(
  'connections do not take the descriptors that films, /health and others need (RATE_LIMIT=%s)',
  async (limits) => {
    await start(limits)
    // Of many addresses, so that none of them has more than its share; some have begun a request.
    for (let n = 0; n < 2 * OPEN_FILES; n++) {
      const socket = connect({
        port: server.port,
        host: '127.0.0.1',
        localAddress: `127.0.7.${n % 30}`,
      })
      socket.on('error', () => {})
      if (n % 2 === 0) socket.write('GET / HTTP/1.1\r\nHost: x\r\n')
      sockets.push(socket)
    }
    await eventually('all of them tried', () =>
      sockets.every((one) => one.destroyed || isOpen(one)),
    )
    for (let n = 0; n < 5; n++) {
      const from = `127.0.8.${n + 1}`
      expect((await ask(`${server.base}/health`, { from })).status).toBe(200)
      const film = await ask(server.base + playMovie(FILM), { from })
      expect([film.status, film.complete, film.body.length]).toEqual([200, true, 100_000])
    }
    expect(sockets.filter(isOpen).length).toBeLessThan(OPEN_FILES)
  },
)
