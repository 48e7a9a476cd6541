import { type Program, startProgram, versionOf } from '../../support/clients/program.ts'
import type { Client } from './client.ts'

const SCRIPT = new URL('./libtorrent-session.py', import.meta.url).pathname
/** Debian's own Python: python3-libtorrent is a system package. */
export const PYTHON = '/usr/bin/python3'

export const libtorrent: Client = {
  name: 'libtorrent',
  version: () =>
    versionOf([PYTHON, '-c', 'import libtorrent; print(libtorrent.__version__)'], /^([\d.]+)/),
  lacks: {},
  start: async (order) => {
    const host = order.host === '::1' ? '[::1]' : order.host
    const program = startSession(order.inside, order.home, {
      listen: `${host}:${order.port}`,
      encrypted: order.isEncrypted,
      upload: order.uploadKb * 1000,
    })
    await program.listensAt(order.port)
    await program.ask({
      cmd: 'add',
      torrent: order.torrent,
      folder: order.films,
      super: order.isSuperSeeding,
    })
    return {
      ...program,
      progress: async () => {
        const { progress, checking } = await program.ask({ cmd: 'status' })
        return checking ? undefined : Number(progress)
      },
    }
  },
}

const startSession = (inside: readonly string[], home: string, plan: object): Program =>
  startProgram([...inside, PYTHON, SCRIPT, JSON.stringify(plan)], home)

/**
 * Milliseconds in which libtorrent fetches all of a torrent from these peers, in order;
 * undefined: it has not got it within a minute.
 */
export async function fetchByLibtorrent(
  home: string,
  magnet: string,
  peers: readonly string[],
): Promise<number | undefined> {
  const plan = { listen: '0.0.0.0:0,[::1]:0', encrypted: false, upload: 0 }
  const program = startSession([], home, plan)
  try {
    await program.ask({ cmd: 'add', magnet, folder: home })
    const { ms } = await program.ask({ cmd: 'fetch', peers, seconds: 60 })
    return typeof ms === 'number' ? ms : undefined
  } finally {
    await program.stop()
  }
}
