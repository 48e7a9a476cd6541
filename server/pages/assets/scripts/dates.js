import { lang } from './words.js'

/**
 * As the page's language is written where the browser is at home: a page in English is read in Britain too. Browsers of a
 * system without a language name one that is none (`en-US@posix`).
 */
const region =
  navigator.languages.find((one) => /^[a-z]+(?:-\w+)*$/i.test(one) && one.split('-')[0] === lang) ??
  lang

/** @param time of Date, or its text */
export const moment = (time) => new Date(time).toLocaleString(region)

export const day = (time) => new Date(time).toLocaleDateString(region)

/** `today`, `yesterday`, `3 days ago`. */
export const daysAgo = (days) =>
  new Intl.RelativeTimeFormat(region, { numeric: 'auto' }).format(-days, 'day')

/** @param seconds since 1970 */
export const clock = (seconds) =>
  new Date(seconds * 1000).toLocaleTimeString(region, { hour: '2-digit', minute: '2-digit' })
