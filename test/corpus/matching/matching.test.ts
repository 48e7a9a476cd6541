import { describe, expect, test } from '@jest/globals'
import { titleId } from '../../../common/title.ts'
import { match } from '../../../sources/matching/match.ts'
import { readRelease } from '../../../sources/names/read-release.ts'
import { type MatchCase, matchCases } from './cases.ts'
import { FLOORS } from './figures.ts'

const told = ({ name, title, facts }: MatchCase): string =>
  `${facts.name} ${titleId(title)}: ${name}`
const isRight = ({ name, title, facts }: MatchCase): boolean =>
  match(readRelease(name), title, facts).kind === 'right'

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
