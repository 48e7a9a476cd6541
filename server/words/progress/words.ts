import type { Language } from '../languages.ts'
import { de } from './de.ts'
import { en } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'
import { pt } from './pt.ts'
import { ru } from './ru.ts'

/** What the scripts of several pages say of units and of how far a play is. `{names}` are filled in by them. */
export type ProgressWords = typeof en

const ALL: Readonly<Record<Language, ProgressWords>> = { en, de, es, fr, pt, ru }

export const progressIn = (language: Language): ProgressWords => ALL[language]
