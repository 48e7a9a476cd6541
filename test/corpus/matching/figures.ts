import { match } from '../../../sources/matching/match.ts'
import { wantedFile } from '../../../sources/matching/wanted-file.ts'
import { readRelease } from '../../../sources/names/read-release.ts'
import { nearParser } from '../../support/names.ts'
import { type PackCase, packCases } from '../pack-cases.ts'
import { percent } from '../percent.ts'
import { factsIn, type MatchCase, matchCases } from './cases.ts'

/** Of each corpus the share that has to be found (docs/matching.md). */
export const FLOORS: Readonly<Record<string, number>> = {
  singles: 0.95,
  packs: 0.92,
  anime: 0.9,
  films: 0.97,
  awkward: 0.9,
  mixed: 0.9,
  kinds: 0.97,
}
/** Of the wanted files of packs. */
export const WANTED_FLOOR = 0.95

export const isRight = ({ name, title, facts }: MatchCase): boolean =>
  match(readRelease(name), title, facts).kind === 'right'

export type Wanted = 'right' | 'missed' | 'wrong'

/** What is found of a pack with the facts of its title, as a metadata server would tell them. */
export async function wantedOf({
  files,
  title,
  torrent,
  wanted,
  facts,
}: PackCase): Promise<Wanted> {
  const at = await wantedFile(nearParser, files, title, {}, torrent, async () => facts)
  if (at === undefined) return wanted === undefined ? 'right' : 'missed'
  return wanted !== undefined && files[at]?.path.includes(wanted) ? 'right' : 'wrong'
}

/** Facts in the header of a file list; of a daily show its day. */
const listFacts = (header: string) => {
  const day = /\d{4}-\d\d-\d\d$/.exec(header)?.[0]
  const facts = factsIn(header)
  return day ? { ...facts, days: new Map([[29, [...Array<string>(14).fill(''), day]]]) } : facts
}

export const fileLists = (): PackCase[] =>
  ['file-lists', 'pack-marks'].flatMap((file) => packCases(`matching/${file}`, listFacts))

/** Rows of the table in docs/matching.md: what, how many, right, wrong. */
export async function figureRows(): Promise<string[][]> {
  const names = Object.keys(FLOORS).map((file) => {
    const cases = matchCases(file)
    return [file, `${cases.length}`, percent(cases.filter(isRight).length / cases.length), '']
  })
  const others = matchCases('look-alikes')
  const lists = [...packCases(), ...fileLists()]
  const wanted = await Promise.all(lists.map(wantedOf))
  const rightOnes = wanted.filter((one) => one === 'right').length
  const wrongOnes = wanted.filter((one) => one === 'wrong').length
  return [
    ...names,
    ['look-alikes', `${others.length}`, '', `${others.filter(isRight).length}`],
    ['wanted files', `${lists.length}`, percent(rightOnes / lists.length), `${wrongOnes}`],
  ]
}
