import { spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Child, overseen } from '../child.ts'
import { wholeConf } from './nginx-conf.ts'

export interface BalancerPlaces {
  /** A folder of its own, which is made. */
  readonly home: string
  readonly port: number
  readonly nodePorts: readonly number[]
}

/** nginx as deploy/cluster/nginx.conf sets it up, on loopback. */
export async function startBalancer(program: string, places: BalancerPlaces): Promise<Child> {
  const { home } = places
  await mkdir(home)
  const conf = join(home, 'nginx.conf')
  // So that `curl -I` tells which node has answered.
  const told = 'add_header X-Node $upstream_addr always; access_log off;'
  const http = `${told}\n${await balancerConf(places)}`
  // One process: a worker would outlive a master that is killed.
  await writeFile(conf, wholeConf(home, 'error_log stderr; master_process off;', http))
  const args = ['-c', conf, '-p', home, '-e', 'stderr']
  return overseen(spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] }))
}

const ANY_NODE = / node\d:7000/
const isNode = (line: string): boolean =>
  line.trimStart().startsWith('server ') && ANY_NODE.test(line)

/** deploy/cluster/nginx.conf with the places filled in that are the operator's. */
export async function balancerConf({ home, port, nodePorts }: BalancerPlaces): Promise<string> {
  const place = new URL('../../deploy/cluster/nginx.conf', import.meta.url)
  const text = await readFile(place, 'utf8')
  const lines = text.split('\n')
  const first = lines.findIndex(isNode)
  const one = lines[first]?.split('#', 1)[0] ?? ''
  const nodes = nodePorts.map((at) => one.replace(ANY_NODE, ` 127.0.0.1:${at}`).trimEnd())
  const others = lines.filter((line) => !isNode(line))
  return others
    .toSpliced(first, 0, ...nodes)
    .join('\n')
    .replace('listen 80;', `listen 127.0.0.1:${port};`)
    .replace('proxy_cache_path /var/cache/nginx/playlink ', `proxy_cache_path ${home}/hot `)
}
