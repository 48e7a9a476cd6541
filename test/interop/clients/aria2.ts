import { startProgram, versionOf } from '../../support/clients/program.ts'
import { freePort } from '../../support/free-port.ts'
import type { Client, Order } from './client.ts'

export const aria2: Client = {
  name: 'aria2',
  version: () => versionOf(['aria2c', '--version'], /aria2 version ([\d.]+)/),
  lacks: { utp: 'has none', superSeeding: 'has none', dialsAsSeeder: 'dials nobody as a seeder' },
  start: async (order) => {
    const rpcPort = await freePort()
    const command = ['aria2c', ...options(order, rpcPort)]
    const program = startProgram([...order.inside, ...command], order.home)
    await program.listensAt(rpcPort)
    await program.listensAt(order.port)
    return {
      ...program,
      progress: async () => {
        const [one] = await tellActive(order.rpcHost, rpcPort)
        if (!one || one.verifiedLength !== undefined || one.verifyIntegrityPending) return undefined
        return Number(one.completedLength) / Number(one.totalLength)
      },
    }
  },
}

const options = (order: Order, rpcPort: number): string[] => [
  '--no-conf',
  `--dir=${order.films}`,
  `--listen-port=${order.port}`,
  '--enable-rpc',
  // Else it is told at 127.0.0.1 only, which is not here when it runs elsewhere.
  `--rpc-listen-all=${order.inside.length > 0}`,
  `--rpc-listen-port=${rpcPort}`,
  '--enable-dht=false',
  '--enable-dht6=false',
  '--bt-enable-lpd=false',
  '--check-integrity',
  '--file-allocation=none',
  '--seed-ratio=0.0',
  '--console-log-level=notice',
  '--summary-interval=0',
  `--max-upload-limit=${order.uploadKb * 1000}`,
  ...(order.isEncrypted ? ['--bt-force-encryption'] : []),
  order.torrent,
]

async function tellActive(
  host: string,
  port: number,
): Promise<readonly Readonly<Record<string, string>>[]> {
  const answer = await fetch(`http://${host}:${port}/jsonrpc`, {
    method: 'POST',
    body: JSON.stringify({ jsonrpc: '2.0', id: '1', method: 'aria2.tellActive' }),
  })
  const { result } = (await answer.json()) as { result: readonly Record<string, string>[] }
  return result
}
