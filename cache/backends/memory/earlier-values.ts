import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { ownFile } from '../../../common/own-file.ts'
import type { SavedValue } from './value-table.ts'

/** The file notes.json: all values of an earlier version as one text. Its field `notes` holds them. */
const earlierSchema = z.object({
  version: z.literal(1),
  /** The last revision that was given, so that a restart gives none twice. */
  lastRevision: z.int().nonnegative(),
  notes: z.array(
    z.object({
      name: z.string(),
      json: z.string(),
      revision: z.int().positive(),
      expiresAt: z.number(),
    }),
  ),
})

/**
 * The values that an earlier version left.
 * @throws the file system's error; SyntaxError or ZodError when it is no such file
 */
export async function readEarlierValues(
  path: string,
): Promise<{ readonly lastRevision: number; readonly values: readonly SavedValue[] }> {
  const text = await readFile(path, { encoding: 'utf8', flag: ownFile.read })
  const { lastRevision, notes } = earlierSchema.parse(JSON.parse(text))
  for (const { json } of notes) JSON.parse(json)
  return { lastRevision, values: notes }
}
