import { readFile, rename } from 'node:fs/promises'
import { z } from 'zod'
import type { Clock } from '../../../common/clock.ts'
import { isMissing, replaceFile } from '../../disk/replace-file.ts'

/** One value as JSON text; `expiresAt` in wall-clock milliseconds. */
const savedValue = z.object({
  name: z.string(),
  json: z.string(),
  revision: z.int().positive(),
  expiresAt: z.number(),
})

/** The file notes.json. Its field `notes` holds the values: files of earlier versions are read too. */
const valuesSchema = z.object({
  version: z.literal(1),
  /** The last revision that was given, so that a restart gives none twice. */
  lastRevision: z.int().nonnegative(),
  notes: z.array(savedValue),
})

export type SavedValues = Omit<z.infer<typeof valuesSchema>, 'version'>

const nothing: SavedValues = { lastRevision: 0, notes: [] }

function parseValues(text: string): SavedValues {
  const { lastRevision, notes } = valuesSchema.parse(JSON.parse(text))
  for (const { json } of notes) JSON.parse(json)
  return { lastRevision, notes }
}

/**
 * Reads the values of an earlier run. A file that cannot be parsed is renamed to `<path>.corrupt-<time>`
 * for the operator to look at, and the store starts empty.
 * @returns `setAside`: the new name of such a file
 * @throws the file system's error when the file can neither be read nor renamed
 */
export async function loadValues(
  path: string,
  clock: Clock,
): Promise<SavedValues & { setAside?: string }> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return nothing
    throw error
  }
  try {
    return parseValues(text)
  } catch {
    const setAside = `${path}.corrupt-${Math.round(clock.wall())}`
    await rename(path, setAside)
    return { ...nothing, setAside }
  }
}

export const saveValues = (path: string, saved: SavedValues): Promise<void> =>
  replaceFile(path, JSON.stringify({ version: 1, ...saved }))
