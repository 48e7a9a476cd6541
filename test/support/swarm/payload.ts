import { createCipheriv, createHash } from 'node:crypto'

/** Pseudo-random bytes that a seed decides (AES-256-CTR over zeros), so a failure can be repeated. */
export function payload(seed: string, size: number): Buffer {
  const key = createHash('sha256').update(seed).digest()
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size))
}

export const sha256 = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex')

export const sha1 = (bytes: Uint8Array): Buffer => createHash('sha1').update(bytes).digest()

export const KiB = 1024
export const MiB = 1024 * 1024
