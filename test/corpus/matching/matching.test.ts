import { describe, expect, test } from '@jest/globals'
import { titleId } from '../../../common/title.ts'
import { tableRows } from '../../docs/markdown-table.ts'
import { packCases } from '../pack-cases.ts'
import { type MatchCase, matchCases } from './cases.ts'
import { FLOORS, figureRows, fileLists, isRight, WANTED_FLOOR, wantedOf } from './figures.ts'

const told = ({ name, title, facts }: MatchCase): string =>
  `${facts.name} ${titleId(title)}: ${name}`

describe('release names of the corpora', () => {
  test.each(Object.entries(FLOORS))('of %s are found at least as often as told', (file, floor) => {
    const cases = matchCases(file)
    const missed = cases.filter((one) => !isRight(one)).map(told)
    const ratio = 1 - missed.length / cases.length
    expect({ missed, isEnough: ratio >= floor }).toEqual({ missed, isEnough: true })
  })

  test('there are at least 600, each once', () => {
    const names = Object.keys(FLOORS).flatMap((file) => matchCases(file).map(told))
    expect(names.length).toBeGreaterThanOrEqual(600)
    expect(new Set(names).size).toBe(names.length)
  })

  test('no look-alike is taken for the title', () => {
    const cases = matchCases('look-alikes')
    expect(cases.length).toBeGreaterThanOrEqual(200)
    expect(cases.filter(isRight).map(told)).toEqual([])
  })

  test('nothing is right of a title of which only its name is known, and that is another', () => {
    const film = { name: 'Something Else Entirely', year: 1901 }
    for (const file of Object.keys(FLOORS)) {
      const taken = matchCases(file).filter((one) => isRight({ ...one, facts: film }))
      expect(taken.map(told)).toEqual([])
    }
  })
})

describe('file lists of torrents', () => {
  test('every case means one file', () => {
    const unclear = fileLists().filter(({ files, wanted }) => {
      return wanted !== undefined && files.filter(({ path }) => path.includes(wanted)).length !== 1
    })
    expect(unclear.map(({ torrent, wanted }) => `${torrent}: ${wanted}`)).toEqual([])
  })

  test('the wanted file is found, and none is wrong', async () => {
    const cases = [...packCases(), ...fileLists()]
    const found = await Promise.all(cases.map(wantedOf))
    const toldOf = (kind: string) =>
      cases
        .filter((_, at) => found[at] === kind)
        .map((one) => `${one.torrent}: ${titleId(one.title)}`)
    expect(toldOf('wrong')).toEqual([])
    const missed = toldOf('missed')
    const isEnough = 1 - missed.length / cases.length >= WANTED_FLOOR
    expect({ missed, isEnough }).toEqual({ missed, isEnough: true })
  })
})

test('docs/matching.md has the figures of `npm run matching -- --write`', async () => {
  expect(tableRows('docs/matching.md', 'Corpus')).toEqual(await figureRows())
})
