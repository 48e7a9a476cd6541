import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { closeServer, listen } from '../../test/support/server/listening.ts'
import { startPlaylink } from '../../test/support/server/playlink.ts'
import type { Film } from './films.ts'
import { type Program, startProgram } from './program.ts'

export interface Running {
  readonly pid: number
  url(film: Film, by: 'magnet' | 'torrent'): string
  stop(): Promise<void>
}

/** Starts a server in an empty folder. `films`: the folder of the payloads and their catalogue. */
export type Contender = (folder: string, films: string) => Promise<Running>

/** Where the peers of `bench/lines.ts` are. */
const LINES_NETWORK = '10.77.0.0/24'
const LIBTORRENT_SERVER = new URL('./servers/libtorrent-server.py', import.meta.url).pathname

const script = (name: string): string =>
  new URL(`./servers/${name}-server.ts`, import.meta.url).pathname

const node = (name: string) => [process.execPath, '--no-warnings', script(name)] as const

/** A server of ours that takes the torrent in its query. */
async function asked(...command: readonly [string, ...string[]]): Promise<Running> {
  const { pid, firstLine: port, stop } = await startProgram(command)
  const uriOf = (film: Film, by: 'magnet' | 'torrent') => encodeURIComponent(film[by])
  return { pid, stop, url: (film, by) => `http://127.0.0.1:${port}/?uri=${uriOf(film, by)}` }
}

/** Outside of our own dependencies: old, and wanted for nothing else. */
function installedTorrentStream(): string {
  const folder = new URL('../../.work/bench/torrent-stream', import.meta.url).pathname
  if (!existsSync(join(folder, 'node_modules/torrent-stream'))) {
    process.stdout.write('installing torrent-stream into .work/bench ...\n')
    const args = ['install', '--no-audit', '--no-fund', '--prefix', folder, 'torrent-stream@1.2.1']
    execFileSync('npm', args, { stdio: ['ignore', 'ignore', 'inherit'] })
  }
  return join(folder, 'node_modules')
}

/** Servers of cold torrents. */
export const streamers = {
  playlink: async (folder, films) => {
    const server = await startPlaylink(folder, {
      ...{ CATALOGUE: join(films, 'catalogue.json'), NODE_ENV: 'production' },
      ...{ CACHE_MAX_DISK_MB: '20000', MAX_DOWNLOADS: '64' },
      OUTBOUND_ALLOW: `127.0.0.0/8,${LINES_NETWORK}`,
      // As users start it: without what keeps tests on this machine.
      NODE_OPTIONS: '',
    })
    return {
      pid: server.pid,
      url: ({ imdbId }, by) => `${server.base}/play/movie/${imdbId}/${by === 'magnet' ? 0 : 1}`,
      stop: () => server.stop(),
    }
  },
  webtorrent: (folder) => asked(...node('webtorrent'), folder),
  'torrent-stream': (folder) => asked(...node('torrent-stream'), folder, installedTorrentStream()),
  libtorrent: (folder) => asked('/usr/bin/python3', LIBTORRENT_SERVER, folder),
} as const satisfies Record<string, Contender>
export type Streamer = keyof typeof streamers

/** Servers of files that lie on this disk already. */
export const fileServers = {
  'express.static': (_folder, films) => fileServer(asked(...node('express-static'), films)),
  'node loop': (_folder, films) => fileServer(asked(...node('node-loop'), films)),
  nginx: async (folder, films) => {
    const port = await freePort()
    await writeFile(join(folder, 'nginx.conf'), nginxConf(folder, films, port))
    const command = ['nginx', '-c', join(folder, 'nginx.conf'), '-p', folder] as const
    const program: Program = await startProgram([...command], { quiet: true })
    return { ...program, url: (film: Film) => `http://127.0.0.1:${port}/${pathOf(film)}` }
  },
} as const satisfies Record<string, Contender>

const pathOf = ({ name }: Film): string => `${name}/${name}.mkv`

async function fileServer(running: Promise<Running>): Promise<Running> {
  const server = await running
  const { port } = new URL(server.url({ magnet: '' } as Film, 'magnet'))
  return { ...server, url: (film) => `http://127.0.0.1:${port}/${pathOf(film)}` }
}

async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listen(server)
  await closeServer(server)
  return port
}

const nginxConf = (folder: string, films: string, port: number): string => `
user root; daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; sendfile_max_chunk 2m;
  client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b; fastcgi_temp_path ${folder}/c;
  uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;
  server { listen 127.0.0.1:${port} backlog=4096; root ${films}; }
}
`
