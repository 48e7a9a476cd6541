import type { FilmReasons } from './words.ts'

export const pt: FilmReasons = {
  'The index of this file is too long.': 'O índice deste ficheiro é longo demais.',
  'The key frames of this file lie too far apart for a browser.':
    'Os fotogramas-chave deste ficheiro estão afastados demais para um navegador.',
  'The picture of this file could not be read.': 'A imagem deste ficheiro não pôde ser lida.',
  'The picture of this file is of a kind that no browser plays. Open it in another player.':
    'A imagem deste ficheiro tem um formato que nenhum navegador reproduz. Abra-o em outro leitor.',
  'The sound of this file is of a kind that cannot be converted.':
    'O som deste ficheiro tem um formato que não pode ser convertido.',
  'This file does not say how long it is. Open it in another player.':
    'Este ficheiro não diz quanto dura. Abra-o em outro leitor.',
  'This file has no index, and is too large to make one. Open it in another player.':
    'Este ficheiro não tem índice e é grande demais para se criar um. Abra-o em outro leitor.',
  'This file has no index, and nothing in it tells where its pictures lie. Open it in another player.':
    'Este ficheiro não tem índice, e nada nele diz onde estão as suas imagens. Abra-o em outro leitor.',
  'This file has no picture.': 'Este ficheiro não tem imagem.',
  'This file is neither MKV, WebM, MP4, AVI nor TS, and only those are made ready for browsers. Open it in another player.':
    'Este ficheiro não é MKV, WebM, MP4, AVI nem TS, e só esses são preparados para navegadores. Abra-o em outro leitor.',
  'The picture of this file is of a kind that no browser plays, and this server encodes none (BROWSER=video). Open it in another player.':
    'A imagem deste ficheiro tem um formato que nenhum navegador reproduz, e este servidor não converte nenhuma (BROWSER=video). Abra-o em outro leitor.',
  'This source is a link to another server, which this one cannot make ready for a browser. Open the link itself.':
    'Esta fonte é um link para outro servidor, que este não consegue preparar para um navegador. Abra o próprio link.',
  'The picture of this film has to be encoded for a browser, and this server has no ffmpeg.':
    'A imagem deste filme tem de ser convertida para um navegador, e este servidor não tem ffmpeg.',
  'The picture of this film has to be encoded for a browser, and the ffmpeg of this server cannot: it needs version 5.1 or later, with libx264.':
    'A imagem deste filme tem de ser convertida para um navegador, e o ffmpeg deste servidor não consegue: é precisa a versão 5.1 ou mais recente, com libx264.',
  'The picture of this film has to be encoded for a browser, and this server is too slow or too busy for it. Choose a source that your browser plays as it is, or start the server again when it has less to do.':
    'A imagem deste filme tem de ser convertida para um navegador, e este servidor é demasiado lento ou está demasiado ocupado. Escolha uma fonte que o seu navegador reproduza tal como é, ou reinicie o servidor quando tiver menos que fazer.',
  'Only what is cached can be played: the cache is on a read-only file system.':
    'Só se pode reproduzir o que está na cache: ela está num sistema de ficheiros só de leitura.',
  'Only what is cached can be played: the cache may not be written.':
    'Só se pode reproduzir o que está na cache: não é permitido escrever nela.',
  'This server encodes as many films as its cores allow. Try again shortly, or choose a source that your browser plays as it is.':
    'Este servidor já converte todos os filmes que os seus núcleos permitem. Tente de novo daqui a pouco, ou escolha uma fonte que o seu navegador reproduza tal como é.',
}
