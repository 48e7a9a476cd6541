import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Bytes that regular files below a folder really take (holes of sparse files left out). */
export async function diskUse(folder: string): Promise<number> {
  let sum = 0
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  for (const name of names) {
    // files come and go while we look
    const found = await stat(join(folder, name)).catch(() => undefined)
    if (found?.isFile()) sum += Math.min(found.size, found.blocks * 512)
  }
  return sum
}
