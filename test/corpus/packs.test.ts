import { expect, test } from '@jest/globals'
import { titleId } from '../../common/title.ts'
import { wantedFile } from '../../sources/matching/wanted-file.ts'
import { nearParser } from '../support/names.ts'
import { type PackCase, packCases } from './pack-cases.ts'

type Verdict = 'right' | 'missed' | 'wrong'

async function verdict({ files, title, torrent, wanted }: PackCase): Promise<Verdict> {
  const at = await wantedFile(nearParser, files, title, {}, torrent)
  if (at === undefined) return wanted === undefined ? 'right' : 'missed'
  return wanted !== undefined && files[at]?.path.includes(wanted) ? 'right' : 'wrong'
}

const cases = packCases()
const told = (one: PackCase): string => `${one.torrent}: ${titleId(one.title)}`

test('every case of the corpus means one file', () => {
  expect(cases.length).toBeGreaterThanOrEqual(282)
  const unclear = cases.filter(({ files, wanted }) => {
    return wanted !== undefined && files.filter(({ path }) => path.includes(wanted)).length !== 1
  })
  expect(unclear.map(told)).toEqual([])
})

test('at least 92 % of the wanted files are found, and none is wrong', async () => {
  const judged = await Promise.all(
    cases.map(async (one) => ({ name: told(one), verdict: await verdict(one) })),
  )
  expect(judged.filter((one) => one.verdict === 'wrong').map(({ name }) => name)).toEqual([])
  const missed = judged.filter((one) => one.verdict === 'missed').map(({ name }) => name)
  expect({ missed, most: missed.length / cases.length <= 0.08 }).toEqual({ missed, most: true })
})
