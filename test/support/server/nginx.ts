import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { balancerConf } from '../../../demo/cluster/balancer.ts'
import { wholeConf } from '../../../demo/cluster/nginx-conf.ts'
import { freePort } from '../free-port.ts'
import { eventually, within } from '../wait.ts'
import { exitOf, killGroup } from './processes.ts'
import { ask } from './request.ts'

export interface Nginx {
  readonly base: string
  readonly port: number
  readonly pid: number
  /** Its own log of requests. */
  log(): Promise<string>
  stop(): Promise<void>
}

/** docs/nginx.conf as it stands, with the places that are the operator's filled in. */
async function documented(
  home: string,
  listenOn: number,
  playlink: number,
  cacheDir: string,
): Promise<string> {
  const text = await readFile(new URL('../../../docs/nginx.conf', import.meta.url), 'utf8')
  return text
    .replace('server 127.0.0.1:7000;', `server 127.0.0.1:${playlink};`)
    .replace('listen 80;', `listen 127.0.0.1:${listenOn};`)
    .replace('proxy_cache_path /var/cache/nginx/playlink ', `proxy_cache_path ${home}/hot `)
    .replace('alias /var/cache/playlink/;', `alias ${cacheDir}/;`)
}

/**
 * Debian's nginx in front of a server, by the configuration in docs/.
 * @param change what else is changed in it
 */
export const startNginx = (
  folder: string,
  server: { readonly port: number; readonly cacheDir: string },
  change = (text: string): string => text,
): Promise<Nginx> =>
  runNginx(join(folder, 'nginx'), async (home, port) =>
    change(await documented(home, port, server.port, server.cacheDir)),
  )

/** nginx in front of several nodes, by the configuration in deploy/. */
export const startNginxBalancer = (
  folder: string,
  ports: readonly number[],
  listenOn?: number,
): Promise<Nginx> =>
  runNginx(
    join(folder, 'balancer'),
    (home, port) => balancerConf({ home, port, nodePorts: ports }),
    listenOn,
  )

/** A configuration of deploy/ with the nodes' addresses filled in. */
const withNodes = (text: string, ports: readonly number[]): string =>
  text.replace(/node(\d):7000/g, (_, n) => `127.0.0.1:${ports[n - 1]}`)

/** haproxy in front of several nodes, by the configuration in deploy/. */
export async function startHaproxy(
  folder: string,
  ports: readonly number[],
  listenOn?: number,
): Promise<Omit<Nginx, 'log'>> {
  const port = listenOn ?? (await freePort())
  const place = new URL('../../../deploy/cluster/haproxy.cfg', import.meta.url)
  const conf = join(folder, 'haproxy.cfg')
  const text = withNodes(await readFile(place, 'utf8'), ports)
  await writeFile(conf, text.replace('bind :80', `bind 127.0.0.1:${port}`))
  const child = spawn('/usr/sbin/haproxy', ['-db', '-f', conf], { stdio: 'ignore', detached: true })
  return { port, ...(await serving('haproxy', child, port)) }
}

/** Waits until it passes requests on. */
async function serving(
  name: string,
  child: ChildProcess,
  port: number,
): Promise<Pick<Nginx, 'base' | 'pid' | 'stop'>> {
  const { pid } = child
  if (pid === undefined) throw new Error(`${name} could not be started`)
  const base = `http://127.0.0.1:${port}`
  const stop = async (): Promise<void> => {
    killGroup(pid, 'SIGTERM')
    await within(`${name} to end`, 60_000, exitOf(child)).catch(() => killGroup(pid))
  }
  const up = (): Promise<boolean> =>
    ask(`${base}/health`, { timeout: 1000 }).then(
      ({ status }) => status === 200,
      () => false,
    )
  await eventually(name, up).catch(async (error: unknown) => {
    await stop()
    throw error
  })
  return { base, pid, stop }
}

async function runNginx(
  home: string,
  configuration: (home: string, port: number) => Promise<string>,
  listenOn?: number,
): Promise<Nginx> {
  await mkdir(home, { recursive: true })
  const port = listenOn ?? (await freePort())
  const conf = join(home, 'nginx.conf')
  const http = `log_format sent '$request_method $uri $status $body_bytes_sent $upstream_http_x_accel_redirect $upstream_cache_status';
access_log ${home}/access.log sent;
${await configuration(home, port)}`
  await writeFile(conf, wholeConf(home, `error_log ${home}/error.log;`, http))
  const child = spawn('/usr/sbin/nginx', ['-c', conf, '-p', home, '-e', `${home}/error.log`], {
    stdio: 'ignore',
    detached: true,
  })
  const up = await serving('nginx', child, port)
  return { ...up, port, log: () => readFile(join(home, 'access.log'), 'utf8') }
}
