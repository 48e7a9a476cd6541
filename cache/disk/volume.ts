import { statfs } from 'node:fs/promises'

/** `f_type` of tmpfs and ramfs (statfs(2)). */
const MEMORY_VOLUMES = new Set([0x01021994, 0x858458f6])

/** Bytes left free on the volume, whatever the limits allow, for the other programs that use it. */
export const VOLUME_MARGIN = 64 * 1024 * 1024
/** Of a small volume no more than this part is left: 64 MiB of 64 would be all of it. */
const MARGIN_SHARE = 8

/** What a volume has for this process, in bytes. */
export interface VolumeRoom {
  /** What may still be written. */
  readonly free: number
  /** How much of that is left to others. */
  readonly margin: number
}

/** @param size bytes of the whole volume */
export const marginOf = (size: number): number =>
  Math.min(VOLUME_MARGIN, Math.floor(size / MARGIN_SHARE))

/** The room on the volume of a folder. @throws the file system's error */
export async function roomOnVolume(dir: string): Promise<VolumeRoom> {
  const { bavail, blocks, bsize } = await statfs(dir)
  return { free: bavail * bsize, margin: marginOf(blocks * bsize) }
}

/** Whether the folder lies in the machine's memory instead of on a disk. */
export async function isMemoryVolume(dir: string): Promise<boolean> {
  return MEMORY_VOLUMES.has((await statfs(dir)).type)
}
