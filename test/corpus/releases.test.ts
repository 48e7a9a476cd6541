import { expect, test } from '@jest/globals'
import { tableRows } from '../docs/markdown-table.ts'
import {
  FIELD_FLOORS,
  fieldRows,
  isWhole,
  judgedFields,
  releaseLines,
  shareOf,
} from './release-fields.ts'

test('every line of the corpus has all fields', () => {
  expect(releaseLines().filter((line) => !isWhole(line))).toEqual([])
  expect(releaseLines().length).toBeGreaterThan(120)
})

test.each([...judgedFields()])('%s is right as often as it has to be', (field, all) => {
  const wrong = all.filter(({ isRight }) => !isRight).map(({ what }) => what)
  const isEnough = shareOf(all) >= FIELD_FLOORS[field]
  expect({ wrong, isEnough }).toEqual({ wrong, isEnough: true })
})

test('docs/matching.md has the figures of `npm run matching -- --write`', () => {
  expect(tableRows('docs/matching.md', 'Field')).toEqual(fieldRows())
})
