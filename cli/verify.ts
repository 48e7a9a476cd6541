import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { filePaths } from '../cache/disk/file-paths.ts'
import { fitsTorrent, hashFile } from '../cache/disk/hash-file.ts'
import { isMissing } from '../cache/disk/replace-file.ts'
import { type FileInfo, readFileInfo } from '../cache/store/file-info.ts'
import { parseFileKey } from '../common/bittorrent/file-key.ts'
import { type Metainfo, parseMetainfo } from '../common/bittorrent/metainfo.ts'
import { ValidationError } from '../common/bittorrent/validation-error.ts'
import { cleanText } from '../common/clean-text.ts'
import { typed } from '../common/host/command-names.ts'
import { readableSize } from '../common/readable-size.ts'
import type { Config } from '../config/config.ts'
import { filesInFolder } from './folder-files.ts'
import { remove } from './remove.ts'
import { createProgress } from './shared/progress.ts'

/** `unsure`: it cannot be checked. */
type Verdict = { readonly is: 'good' } | { readonly is: 'bad' | 'unsure'; readonly why: string }

const GOOD: Verdict = { is: 'good' }
/** Longer than a removal takes: one that was seen half done is over by then. */
const SECOND_CHECK_MS = 300

async function metainfoOf(path: string, infoHash: string): Promise<Metainfo | string> {
  try {
    const bytes = await readFile(path)
    const metainfo = parseMetainfo(bytes, { maxLength: Number.MAX_SAFE_INTEGER, infoHash })
    return metainfo.infoHash === infoHash ? metainfo : 'the torrent beside it is another one'
  } catch (error) {
    if (isMissing(error)) return 'its torrent is not kept'
    if (error instanceof ValidationError) return 'the torrent beside it cannot be read'
    throw error
  }
}

async function judge(dir: string, file: FileInfo, onBytes: (n: number) => void) {
  const { key, saved, hasPayload } = file
  const bad = (why: string): Verdict => ({ is: 'bad', why })
  const unsure = (why: string): Verdict => ({ is: 'unsure', why })
  if (!saved) return bad('what says which bytes are here cannot be read')
  if (!hasPayload) return bad('its bytes are missing, or of another size')
  const { infoHash = '', fileIdx = 0 } = parseFileKey(key) ?? {}
  const paths = filePaths(dir, key)
  const metainfo = await metainfoOf(paths.metainfo, infoHash)
  if (typeof metainfo === 'string') return unsure(metainfo)
  if (!fitsTorrent(saved.record.layout, fileIdx, metainfo))
    return bad('it is not laid out as in its torrent')
  const hashed = await hashFile(paths, saved.record, metainfo, onBytes)
  const count = saved.record.pieces.count
  if (hashed.bad.length > 0)
    return bad(`${hashed.bad.length} of ${count} pieces are not the torrent's`)
  return hashed.unknown > 0 && hashed.unknown === count
    ? unsure('none of its pieces is whole')
    : GOOD
}

/**
 * Hashes one file; undefined when it has been removed. Whatever looks bad is checked twice, because a
 * server may be working on the file.
 */
async function verdictOn(dir: string, file: FileInfo, onBytes: (n: number) => void) {
  const attempt = async (info: FileInfo, onProgress: typeof onBytes): Promise<Verdict> => {
    try {
      return await judge(dir, info, onProgress)
    } catch (error) {
      if (!isMissing(error)) return { is: 'bad', why: `it cannot be read (${String(error)})` }
      return { is: 'bad', why: 'its bytes are missing' }
    }
  }
  const first = await attempt(file, onBytes)
  if (first.is !== 'bad') return first
  await delay(SECOND_CHECK_MS)
  const again = await readFileInfo(dir, file.key)
  return again && attempt(again, () => {})
}

type Judged = { readonly file: FileInfo; readonly why: string }

function print(heading: string, list: readonly Judged[]): void {
  if (list.length === 0) return
  process.stdout.write(`${heading}\n`)
  for (const { file, why } of list) {
    const name = cleanText(file.saved?.record.name ?? '', 120)
    process.stdout.write(`  ${file.key}  ${name}\n    ${why}\n`)
  }
}

/** @returns how many are left */
async function removeBad(config: Config, bad: readonly Judged[]): Promise<number> {
  const { keptInUse } = await remove(
    config,
    bad.map(({ file }) => file.key),
  )
  let left = 0
  for (const { file } of bad) if (await readFileInfo(config.cache.dir, file.key)) left++
  const inUse = keptInUse > 0 ? `, ${keptInUse} of them in use` : ''
  process.stdout.write(
    `removed ${bad.length - left} of ${bad.length} bad files, ${left} left${inUse}\n`,
  )
  return left
}

/** Hashes all files in CACHE_DIR against their torrents. @returns the exit code: 1 while a bad one is left */
export async function verify(config: Config, removesBad: boolean): Promise<number> {
  const { dir } = config.cache
  const files = await filesInFolder(dir)
  const total = files.reduce((sum, { saved }) => sum + (saved?.record.bytes ?? 0), 0)
  const found: { bad: Judged[]; unsure: Judged[] } = { bad: [], unsure: [] }
  let good = 0
  const progress = createProgress(total)
  for (const file of files) {
    const verdict = await verdictOn(dir, file, progress.add)
    if (verdict?.is === 'good') good++
    else if (verdict) found[verdict.is].push({ file, why: verdict.why })
  }
  const { bytes, seconds } = progress.end()
  print('bad:', found.bad)
  print('cannot be checked:', found.unsure)
  const pace = bytes > 0 ? `, ${readableSize(bytes / seconds)}/s` : ''
  process.stdout.write(
    `${good} good, ${found.bad.length} bad, ${found.unsure.length} not checked; ` +
      `hashed ${readableSize(bytes)} in ${seconds.toFixed(1)} s${pace}\n`,
  )
  if (found.bad.length === 0) return 0
  if (removesBad) return (await removeBad(config, found.bad)) === 0 ? 0 : 1
  process.stdout.write(`Remove the bad ones with: ${typed.cache} verify --remove\n`)
  return 1
}
