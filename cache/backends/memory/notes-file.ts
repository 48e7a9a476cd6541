import { readFile, rename } from 'node:fs/promises'
import { z } from 'zod'
import type { Clock } from '../../../common/clock.ts'
import { isMissing, replaceFile } from '../../disk/replace-file.ts'

/** A note as text; `expiresAt` in wall-clock milliseconds. */
const savedNote = z.object({
  name: z.string(),
  json: z.string(),
  revision: z.int().positive(),
  expiresAt: z.number(),
})

const notesSchema = z.object({
  version: z.literal(1),
  /** Last revision given, so that none is given twice after a restart. */
  lastRevision: z.int().nonnegative(),
  notes: z.array(savedNote),
})

export type SavedNotes = Omit<z.infer<typeof notesSchema>, 'version'>

const nothing: SavedNotes = { lastRevision: 0, notes: [] }

function parseNotes(text: string): SavedNotes {
  const { lastRevision, notes } = notesSchema.parse(JSON.parse(text))
  for (const note of notes) JSON.parse(note.json)
  return { lastRevision, notes }
}

/**
 * Reads the notes of an earlier run. A file that is not ours in every detail is set aside as
 * `<path>.corrupt-<time>` for the operator to look at, and the notes begin anew.
 * @throws the file system's error when it can neither be read nor set aside
 */
export async function loadNotes(
  path: string,
  clock: Clock,
): Promise<SavedNotes & { setAside?: string }> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return nothing
    throw error
  }
  try {
    return parseNotes(text)
  } catch {
    const setAside = `${path}.corrupt-${Math.round(clock.wall())}`
    await rename(path, setAside)
    return { ...nothing, setAside }
  }
}

export const saveNotes = (path: string, saved: SavedNotes): Promise<void> =>
  replaceFile(path, JSON.stringify({ version: 1, ...saved }))
