import type { Language } from '../languages.ts'
import { de } from './de.ts'
import { en } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'
import { pt } from './pt.ts'
import { ru } from './ru.ts'

/** What the page of a film says: what stands on it, and what its scripts put there, `{names}` filled in. */
export type WatchWords = typeof en

const ALL: Readonly<Record<Language, WatchWords>> = { en, de, es, fr, pt, ru }

export const watchIn = (language: Language): WatchWords => ALL[language]
