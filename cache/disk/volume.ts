import { statfs } from 'node:fs/promises'

/** statfs(2): f_type of tmpfs and ramfs. */
const MEMORY_VOLUMES = new Set([0x01021994, 0x858458f6])

/** Left free on the volume whatever the limits allow: others live there too. */
export const VOLUME_MARGIN = 64 * 1024 * 1024

/** Bytes that this process may still write on the volume of a folder. */
export async function freeOnVolume(dir: string): Promise<number> {
  const volume = await statfs(dir)
  return volume.bavail * volume.bsize
}

/** Whether a folder's "disk" is the machine's memory. */
export async function isMemoryVolume(dir: string): Promise<boolean> {
  return MEMORY_VOLUMES.has((await statfs(dir)).type)
}
