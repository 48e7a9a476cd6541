import express, { type Router } from 'express'
import type { z } from 'zod'
import type { FileOnDisk, FileStore } from '../../cache/disk/file-store.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { Fault } from '../../common/errors.ts'
import type { Player } from '../../player/player.ts'
import { parseWish, type Wish } from '../../player/prefetch/wish.ts'
import { readJsonBody } from '../http/json-body.ts'
import { DOWNLOADS_PATH } from '../http/request-checks.ts'
import { type Admins, createAdminGuard } from './admin-guard.ts'
import { DownloadOrder, MAX_BODY } from './orders.ts'

const MAX_FILES = 500

const SHAPES =
  'The body must be a JSON object: "add" an IMDb id ("tt…", "tt…:season", "tt…:season:episode") or a magnet link, with "keep" true or false; "stop", "pause" or "resume" an id; "pin" or "unpin" a list of contents.'

/** A file on this node's disk, as the operator sees it. */
export interface FileView {
  readonly key: FileKey
  readonly name: string
  /** Bytes, and those of them that are here. */
  readonly size: number
  readonly bytes: number
  readonly complete: boolean
  /** Kept until the operator says otherwise. */
  readonly pinned: boolean
  /** ISO 8601. */
  readonly usedAt: string
}

export interface DownloadsApiDeps {
  readonly admins: Pick<Admins, 'refusalOf'>
  readonly store: Pick<FileStore, 'records' | 'setKeep'>
  readonly downloadAhead: Player['downloadAhead']
  readonly status: Pick<Player['status'], 'downloads'>
}

/**
 * For administrators. GET /api/downloads -> `{ahead: AheadView[], arrivals: DownloadView[], files:
 * FileView[], moreFiles}`: what was asked for ahead, what is coming in, and what is on disk, at most 500
 * of it: the pinned first, then the last used. POST takes one of
 * `{"add": "tt1254207", "keep": true}` -> `{added: id}`; `{"stop": id}` -> `{stopped: boolean}`;
 * `{"pause": id}` -> `{paused: boolean}`; `{"resume": id}` -> `{resumed: boolean}`;
 * `{"pin": [keys]}` -> `{pinned: n}`; `{"unpin": [keys]}` -> `{unpinned: n}`. What is to be forgotten is
 * removed by POST /api/cache-config.
 */
export function createDownloadsApi(deps: DownloadsApiDeps): Router {
  const { admins, store, downloadAhead, status } = deps
  const router = express.Router({ strict: true, caseSensitive: true })
  router.use(DOWNLOADS_PATH, createAdminGuard(admins))
  router.get(DOWNLOADS_PATH, (_req, res) => {
    const latest = [...store.records()].reverse()
    const ordered = [...latest.filter(({ keep }) => keep), ...latest.filter(({ keep }) => !keep)]
    res.set('Cache-Control', 'no-store').json({
      ahead: downloadAhead.views(),
      arrivals: status.downloads(),
      files: ordered.slice(0, MAX_FILES).map(viewOf),
      moreFiles: Math.max(0, ordered.length - MAX_FILES),
    })
  })
  router.post(DOWNLOADS_PATH, async (req, res) => {
    const order = DownloadOrder.safeParse(await readJsonBody(req, MAX_BODY.download))
    if (!order.success) throw new Fault('BAD_BODY', { message: SHAPES })
    res.set('Cache-Control', 'no-store').json(await obey(deps, order.data))
  })
  return router
}

async function obey(
  { store, downloadAhead }: DownloadsApiDeps,
  order: z.infer<typeof DownloadOrder>,
): Promise<object> {
  if ('add' in order) {
    return { added: downloadAhead.add(wishIn(order.add), order.keep ?? false) }
  }
  if ('stop' in order) return { stopped: downloadAhead.stop(order.stop) }
  if ('pause' in order) return { paused: downloadAhead.pause(order.pause) }
  if ('resume' in order) return { resumed: downloadAhead.resume(order.resume) }
  if ('pin' in order) return { pinned: await keepAll(store, order.pin, true) }
  return { unpinned: await keepAll(store, order.unpin, false) }
}

function wishIn(text: string): Wish {
  const wish = parseWish(text)
  if (!wish) throw new Fault('BAD_BODY', { message: SHAPES })
  return wish
}

/** @returns how many of them are here */
async function keepAll(
  store: Pick<FileStore, 'setKeep'>,
  keys: readonly FileKey[],
  keep: boolean,
): Promise<number> {
  let found = 0
  for (const key of new Set(keys)) if (await store.setKeep(key, keep)) found++
  return found
}

const viewOf = ({ key, name, layout, bytes, complete, keep, usedAt }: FileOnDisk): FileView => ({
  ...{ key, name, size: layout.size, bytes, complete, pinned: keep },
  usedAt: new Date(usedAt).toISOString(),
})
