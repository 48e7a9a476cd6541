import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { sleep } from '../wait.ts'

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

export interface DiskPeak {
  /** Most bytes seen at once below the folder: sum of sizes, and of allocated blocks. */
  readonly sizes: number
  readonly blocks: number
  readonly samples: number
}

/** Looks every 50 ms how much lies below a folder while the work runs. */
export async function withDiskPeak<T>(
  folder: string,
  work: () => Promise<T>,
): Promise<{ outcome: T; peak: DiskPeak }> {
  const peak = { sizes: 0, blocks: 0, samples: 0 }
  let looking = true
  const looked = (async () => {
    while (looking) {
      const now = await lookAt(folder)
      peak.sizes = Math.max(peak.sizes, now.sizes)
      peak.blocks = Math.max(peak.blocks, now.blocks)
      peak.samples++
      await sleep(50)
    }
  })()
  try {
    return { outcome: await work(), peak }
  } finally {
    looking = false
    await looked
  }
}

async function lookAt(folder: string): Promise<{ sizes: number; blocks: number }> {
  const sum = { sizes: 0, blocks: 0 }
  for (const name of await readdir(folder, { recursive: true }).catch(() => [])) {
    const found = await stat(join(folder, name)).catch(() => undefined)
    if (!found?.isFile()) continue
    sum.sizes += found.size
    sum.blocks += found.blocks * 512
  }
  return sum
}
