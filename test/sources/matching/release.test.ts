import { expect, test } from '@jest/globals'
import { qualityWords, releaseOf } from '../../../sources/matching/release.ts'

test.each<[string, string]>([
  ['Film.2010.2160p.WEB-DL.DV.HDR10.HEVC-GRP.mkv', '2160p WEB-DL'],
  ['Film.2010.1080p.BluRay.x264-GRP.mkv', '1080p BluRay x264'],
  ['Film 2010 4K.mkv', '2160p'],
  ['Film.avi', ''],
])('%s in words', (filename, words) => {
  expect(qualityWords({ filename }).startsWith(words)).toBe(true)
  if (words === '') expect(qualityWords({ filename })).toBe('')
})

test('what a provider states wins over what a name seems to say', () => {
  const stated = { filename: 'Film.1080p.mkv', quality: '720p', languages: ['cs'] }
  expect(releaseOf(stated)).toMatchObject({ resolution: '720p', languages: ['cs'] })
  expect(releaseOf({ label: 'Film.1080p', quality: '4K' }).resolution).toBe('2160p')
  expect(qualityWords({ quality: 'best' })).toBe('best')
})

test('details of a release', () => {
  expect(releaseOf({ filename: 'Film.2010.HDCAM.x264-GRP.mkv' }).poor).toBe(true)
  const release = releaseOf({ label: 'Film.2010.1080p.BluRay.DTS.FRENCH.x265-GRP' })
  expect(release).toMatchObject({ poor: false, group: 'GRP', languages: ['fr'], codec: 'x265' })
})
