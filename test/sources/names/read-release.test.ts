import { expect, test } from '@jest/globals'
import { readRelease } from '../../../sources/names/read-release.ts'

test.each([
  ['Film.2010.HD.CAM.x264', 'CAM', true],
  ['Film 2010 HD-CAM', 'CAM', true],
  ['Film.2010.HDCAM', 'CAM', true],
  ['Film.2010.WORKPRINT.x264', 'WORKPRINT', true],
  ['Film.2010.WEBSCR', 'SCR', true],
  ['Film.2010.DVD9', 'DVD', false],
  ['Film.2010.BD50', 'BluRay', false],
  ['Webscream.2010.1080p.BluRay', 'BluRay', false],
])('%s is a %s; poor: %s', (name, medium, poor) => {
  expect(readRelease(name)).toMatchObject({ medium, poor })
})

test.each([
  ['Film.2010.FHD', '1080p'],
  ['Film 2010 Full HD', '1080p'],
  ['Film.2010.UHD.BluRay', '2160p'],
  ['Film.2010.UHD.BluRay.1080p', '1080p'],
  ['Film.2010', undefined],
])('%s is %s', (name, resolution) => {
  expect(readRelease(name).resolution).toBe(resolution)
})

test.each([
  ['The.Danish.Girl.2015.1080p', []],
  ['The.Danish.Girl.2015.DANISH.1080p', ['da']],
  ['Norwegian.Wood.2010.JAPANESE.1080p', ['ja']],
  ['The.Latin.Lover.2015', []],
  ['Turkish.Delight.1973.DUTCH', ['nl']],
  ['Jagten.DANISH.2012.1080p', ['da']],
  ['Borgen.S01E02.Danish.1080p', ['da']],
])('%s: the languages behind the title %j', (name, languages) => {
  expect(readRelease(name).languages).toEqual(languages)
})
