import WebTorrent from 'webtorrent'
import type { WtClient } from '../../torrent/engine/webtorrent/webtorrent-types.ts'
import { eventually } from '../support/wait.ts'

/**
 * A webtorrent that knows nobody but our engine gets its pieces from it.
 * @param secure 0 = plain, 1 = encrypted (MSE)
 */
export async function expectUpload(
  port: number,
  metainfo: Uint8Array,
  pieces: number,
  path: string,
  secure: 0 | 1 = 0,
): Promise<void> {
  const quiet = { dht: false, lsd: false, utp: false, utPex: false, tracker: false }
  const client: WtClient = new WebTorrent({ ...quiet, natUpnp: false, natPmp: false, secure })
  const got = new Set<number>()
  try {
    const torrent = client.add(metainfo, { path })
    torrent.on('verified', (piece: number) => got.add(piece))
    torrent.on('infoHash', () => Object(torrent).addPeer(`127.0.0.1:${port}`))
    await eventually(
      'every piece of the film uploaded',
      () => got.size >= pieces,
      15_000,
      () => `${got.size} of ${pieces}`,
    )
  } finally {
    await new Promise<void>((resolve) => client.destroy(() => resolve()))
  }
}
