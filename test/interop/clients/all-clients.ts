import { aria2 } from './aria2.ts'
import type { Client } from './client.ts'
import { deluge } from './deluge.ts'
import { libtorrent } from './libtorrent.ts'
import { qbittorrent } from './qbittorrent.ts'
import { rtorrent } from './rtorrent.ts'
import { transmission } from './transmission.ts'

/** The first is there wherever tests run, the others where `npm run test:interop` could install them. */
export const clients: readonly Client[] = [
  libtorrent,
  transmission,
  aria2,
  qbittorrent,
  deluge,
  rtorrent,
]
