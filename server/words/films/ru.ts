import type { FilmReasons } from './words.ts'

export const ru: FilmReasons = {
  'The index of this file is too long.': 'Индекс этого файла слишком длинный.',
  'The key frames of this file lie too far apart for a browser.':
    'Ключевые кадры этого файла слишком далеки друг от друга для браузера.',
  'The picture of this file could not be read.': 'Не удалось прочитать изображение этого файла.',
  'The picture of this file is of a kind that no browser plays. Open it in another player.':
    'Изображение этого файла в формате, который не воспроизводит ни один браузер. Откройте его в другом проигрывателе.',
  'The sound of this file is of a kind that cannot be converted.':
    'Звук этого файла в формате, который нельзя преобразовать.',
  'This file does not say how long it is. Open it in another player.':
    'В этом файле не сказано, сколько он длится. Откройте его в другом проигрывателе.',
  'This file has no index, and is too large to make one. Open it in another player.':
    'У этого файла нет индекса, и он слишком велик, чтобы его составить. Откройте его в другом проигрывателе.',
  'This file has no index, and nothing in it tells where its pictures lie. Open it in another player.':
    'У этого файла нет индекса, и ничто в нём не говорит, где лежат кадры. Откройте его в другом проигрывателе.',
  'This file has no picture.': 'В этом файле нет изображения.',
  'This file is neither MKV, WebM, MP4, AVI nor TS, and only those are made ready for browsers. Open it in another player.':
    'Этот файл — не MKV, WebM, MP4, AVI или TS, а для браузеров готовятся только они. Откройте его в другом проигрывателе.',
  'The picture of this file is of a kind that no browser plays, and this server encodes none (BROWSER=video). Open it in another player.':
    'Изображение этого файла в формате, который не воспроизводит ни один браузер, а этот сервер ничего не перекодирует (BROWSER=video). Откройте его в другом проигрывателе.',
  'This source is a link to another server, which this one cannot make ready for a browser. Open the link itself.':
    'Этот источник — ссылка на другой сервер; подготовить его для браузера нельзя. Откройте саму ссылку.',
  'The picture of this film has to be encoded for a browser, and this server has no ffmpeg.':
    'Изображение этого фильма нужно перекодировать для браузера, а на этом сервере нет ffmpeg.',
  'The picture of this film has to be encoded for a browser, and the ffmpeg of this server cannot: it needs version 5.1 or later, with libx264.':
    'Изображение этого фильма нужно перекодировать для браузера, а ffmpeg этого сервера этого не может: нужна версия 5.1 или новее, с libx264.',
  'The picture of this film has to be encoded for a browser, and this server is too slow or too busy for it. Choose a source that your browser plays as it is, or start the server again when it has less to do.':
    'Изображение этого фильма нужно перекодировать для браузера, а этот сервер для этого слишком медленный или слишком занят. Выберите источник, который браузер воспроизводит как есть, или перезапустите сервер, когда у него будет меньше работы.',
  'Only what is cached can be played: the cache is on a read-only file system.':
    'Воспроизвести можно только то, что есть в кэше: он на файловой системе только для чтения.',
  'Only what is cached can be played: the cache may not be written.':
    'Воспроизвести можно только то, что есть в кэше: запись в него запрещена.',
  'This server encodes as many films as its cores allow. Try again shortly, or choose a source that your browser plays as it is.':
    'Этот сервер уже перекодирует столько фильмов, сколько позволяют его ядра. Попробуйте чуть позже или выберите источник, который браузер воспроизводит как есть.',
}
