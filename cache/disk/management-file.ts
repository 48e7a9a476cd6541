import { randomBytes } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ownFile } from '../../common/own-file.ts'
import { isMissing, replaceFile } from './replace-file.ts'

const MANAGEMENT = '.management'

const accessSchema = z.object({
  version: z.literal(1),
  /** As HOST names it. */
  host: z.string(),
  port: z.int().positive(),
  token: z.string().min(32),
})

/** How the server that owns a cache folder is managed by whoever can read the folder's secrets. */
export type ManagementAccess = Omit<z.infer<typeof accessSchema>, 'version'>

/** 256 bits, fit for a header. */
export const newManagementToken = (): string => randomBytes(32).toString('base64url')

/**
 * Tells the commands of this server's own user where it listens and what it obeys: being on the
 * machine proves nothing, being able to read a 0600 file does. By the owner of the folder's lock.
 * @throws the file system's error
 */
export const writeManagementFile = (dir: string, access: ManagementAccess): Promise<void> =>
  replaceFile(join(dir, MANAGEMENT), JSON.stringify({ version: 1, ...access }))

/**
 * Undefined: the owner of the folder does not serve, or not yet.
 * @throws the file system's error (EACCES: it is another user's server)
 */
export async function readManagementFile(dir: string): Promise<ManagementAccess | undefined> {
  try {
    return accessSchema.parse(
      JSON.parse(await readFile(join(dir, MANAGEMENT), { encoding: 'utf8', flag: ownFile.read })),
    )
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError || error instanceof z.ZodError) {
      return undefined
    }
    throw error
  }
}

/** Nobody serves from this folder now. Never rejects: the next start removes it too. */
export const dropManagementFile = (dir: string): Promise<void> =>
  rm(join(dir, MANAGEMENT), { force: true }).catch(() => undefined)
