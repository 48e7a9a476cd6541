import { statfs } from 'node:fs/promises'

/** `f_type` of tmpfs and ramfs (statfs(2)). */
const MEMORY_VOLUMES = new Set([0x01021994, 0x858458f6])

/** Bytes left free on the volume, whatever the limits allow, for the other programs that use it. */
export const VOLUME_MARGIN = 64 * 1024 * 1024

/** Bytes that this process may still write to the volume of a folder. @throws the file system's error */
export async function freeOnVolume(dir: string): Promise<number> {
  const volume = await statfs(dir)
  return volume.bavail * volume.bsize
}

/** Whether the folder lies in the machine's memory instead of on a disk. */
export async function isMemoryVolume(dir: string): Promise<boolean> {
  return MEMORY_VOLUMES.has((await statfs(dir)).type)
}
