import type { Refusals } from './words.ts'

const OTHER_SOURCE = 'Escolha outra fonte.'
const MEND = 'ou corrija essa parte do endereço.'

export const pt: Refusals = {
  BAD_TYPE: [
    'O tipo tem de ser exatamente "movie" ou "series".',
    `Abra o título no Stremio ${MEND}`,
  ],
  BAD_IMDB_ID: [
    'O identificador tem de ser do IMDb: "tt" e 7 a 10 algarismos.',
    `Abra o título no Stremio ${MEND}`,
  ],
  BAD_FILE_INDEX: [
    'O número da fonte tem de ser um número inteiro de 0 a 9999.',
    `Abra uma fonte da lista ${MEND}`,
  ],
  BAD_SEASON: [
    'Uma série precisa de /temporada/episódio como números inteiros; um filme, de nenhum dos dois.',
    `Abra o episódio no Stremio ${MEND}`,
  ],
  BAD_EPISODE: [
    'O episódio tem de ser um número inteiro de 0 a 9999, depois da temporada.',
    `Abra o episódio no Stremio ${MEND}`,
  ],
  BAD_SOURCE_KEY: [
    'O parâmetro "s" tem de ter 10 caracteres em base32, como na lista.',
    'Abra a lista de novo e copie o endereço de lá, ou retire "s".',
  ],
  BAD_HOST: [
    'Tem de haver exatamente um cabeçalho Host, e tem de ser um nome de host.',
    'Abra o endereço por um nome; o operador verifica se o proxy transmite o cabeçalho.',
  ],
  BAD_REQUEST: [
    'O pedido não pôde ser lido.',
    'Envie-o de novo como HTTP/1.1 simples; o operador verifica se um proxy o altera.',
  ],
  BAD_BODY: [
    'O corpo tem de ser um objeto JSON: "forceCleanup" true ou false, ou "remove" com uma lista de conteúdos.',
    'Envie um deles tal como está; o README tem exemplos.',
  ],
  NODE_SIGNATURE: [
    'Este pedido diz vir de outro nó do cluster, e a sua assinatura não confere.',
    'O operador dá a todos os nós o mesmo CLUSTER_SECRET e reinicia-os.',
  ],
  NODE_CLOCK: [
    'Os relógios de dois nós diferem em mais de 30 segundos.',
    'O operador acerta a hora de todos os nós por NTP; "doctor" diz qual está errada.',
  ],
  UNAUTHORIZED: [
    'Envie o cabeçalho "Authorization: Bearer <ADMIN_TOKEN>".',
    'O operador conhece o token: é ADMIN_TOKEN nas definições.',
  ],
  FORBIDDEN_ORIGIN: [
    'Este pedido só pode vir das páginas deste servidor.',
    'Use a página de estado deste servidor, ou um comando sem cabeçalho Origin.',
  ],
  MANAGEMENT_CLOSED: [
    'Em produção, a gestão está fechada até que ADMIN_TOKEN seja definido.',
    'O operador dá-lhe 16 caracteres ou mais e envia-o como token Bearer.',
  ],
  NOT_LOCAL: [
    'Sem ADMIN_TOKEN, a gestão só responde a esta máquina.',
    'Peça a partir dessa máquina, sem proxy, ou que o operador defina ADMIN_TOKEN.',
  ],
  TOKEN_MISSING: [
    'Este servidor é para espectadores com token: os seus endereços começam por /t/<token>/.',
    'Instale a extensão com o endereço que o operador lhe deu.',
  ],
  TOKEN_UNKNOWN: [
    'O token deste endereço é desconhecido ou foi revogado; pergunte a quem lho deu.',
    'Depois instale a extensão com o novo endereço.',
  ],
  TOKEN_BYTES: [
    'O volume deste token acabou; recomeça no próximo mês.',
    'O operador pode dar-lhe mais com "token add" e outro --month-gb.',
  ],
  STOPPED: [
    'O operador deste servidor parou esta reprodução; tente de novo dentro de um minuto.',
    'Pergunte o motivo ao operador se ela voltar a ser parada.',
  ],
  NOT_FOUND: [
    'Não há nada neste endereço.',
    'Vá à página inicial, ou veja se o endereço foi copiado inteiro.',
  ],
  UNKNOWN_TITLE: [
    'Não se conhece nenhuma fonte para este título.',
    'Tente de novo daqui a alguns minutos; o operador pode acrescentar fornecedores: CATALOGUE, UPSTREAM_ADDONS, TORZNAB, FEEDS.',
  ],
  UNKNOWN_SOURCE: [
    'Este título não tem nenhuma fonte com esse número.',
    'Abra a lista de novo e escolha uma das fontes que ela tem agora.',
  ],
  SOURCE_GONE: [
    'Esta fonte já não é oferecida; abra a lista de novo.',
    'Escolha outra fonte se ela já lá não estiver.',
  ],
  NO_WANTED_FILE: [
    'O torrent não tem nenhum ficheiro reproduzível para este título.',
    OTHER_SOURCE,
  ],
  FILE_MISSING: [
    'O ficheiro desta fonte não está lá.',
    'Escolha outra fonte; o operador corrige o caminho no catálogo.',
  ],
  METHOD_NOT_ALLOWED: [
    'Aqui só funcionam os métodos do cabeçalho Allow.',
    'Envie o pedido de novo com um deles.',
  ],
  BODY_TOO_LARGE: [
    'O corpo pode ter no máximo 4 KiB, ou 12 KiB para downloads.',
    'Envie menos de cada vez, em vários pedidos.',
  ],
  UNSUPPORTED_MEDIA_TYPE: [
    'Envie o corpo como application/json.',
    'Ponha o cabeçalho "Content-Type: application/json".',
  ],
  RANGE_NOT_SATISFIABLE: [
    'O intervalo fica fora do ficheiro.',
    'Peça bytes abaixo do tamanho em Content-Range, ou o ficheiro inteiro.',
  ],
  EXPECTATION_FAILED: [
    'O cabeçalho "Expect" só pode dizer 100-continue.',
    'Envie o pedido sem esse cabeçalho.',
  ],
  MEDIA_UNREADABLE: [
    'O que há neste ficheiro não pôde ser preparado para um navegador; abra-o em outro leitor.',
    'Ou escolha outra fonte.',
  ],
  TOKEN_STREAMS: [
    'Este token já reproduz todos os filmes que pode ao mesmo tempo; pare outro primeiro.',
    'O operador pode permitir mais com "token add" e outro --streams.',
  ],
  TOO_MANY_REQUESTS: [
    'Vêm demasiados pedidos do seu endereço; tente de novo daqui a pouco.',
    'Retry-After diz quando; o operador pode subir as definições LIMIT_, ou indicar o proxy em TRUST_PROXY.',
  ],
  ANOTHER_NODE: [
    'Entretanto outro nó tem este ficheiro; peça de novo.',
    'Se continuar, o operador vê com "doctor" se os nós se alcançam uns aos outros.',
  ],
  HEADERS_TOO_LARGE: [
    'Os cabeçalhos do pedido são grandes demais.',
    'Apague os cookies deste endereço, ou use outro navegador.',
  ],
  INTERNAL: [
    'Algo falhou aqui; o registo tem o identificador do pedido.',
    'Tente de novo; se continuar, diga ao operador o identificador do pedido.',
  ],
  NO_CONVERTER: [
    'O som deste filme tem de ser convertido para um navegador, e este servidor não tem ffmpeg.',
    'Abra o filme no Stremio ou em outro leitor; o operador pode instalar o ffmpeg.',
  ],
  HOSTILE_TORRENT: ['O torrent ultrapassa os limites deste servidor e foi recusado.', OTHER_SOURCE],
  BAD_TORRENT: ['O ficheiro .torrent desta fonte não pôde ser lido.', OTHER_SOURCE],
  UNSUPPORTED_TORRENT: [
    'Este torrent é de uma versão do BitTorrent que este servidor não reproduz. Escolha outra fonte.',
    'Em regra, a lista tem outras.',
  ],
  BAD_REDIRECT: ['O endereço desta fonte não pode ser entregue.', OTHER_SOURCE],
  ENGINE_DIED: [
    'O download terminou inesperadamente; tente de novo, ou outra fonte.',
    'Se continuar, o registo diz ao operador como terminou.',
  ],
  OUTBOUND_REFUSED: [
    'O endereço desta fonte não é público.',
    'Escolha outra fonte; se o endereço for do próprio operador, ele permite-o com OUTBOUND_ALLOW.',
  ],
  UPSTREAM_FAILED: [
    'Outro servidor de que esta fonte precisa não respondeu bem.',
    'Tente de novo, ou outra fonte; "doctor" diz ao operador quem não responde.',
  ],
  PROVIDERS_FAILED: [
    'Nenhum fornecedor de fontes respondeu; tente de novo dentro de um minuto.',
    '"doctor" diz ao operador quais não respondem, e porquê.',
  ],
  TOO_MANY_LISTENERS: [
    'Já há páginas demais a observar este servidor; tente de novo daqui a pouco.',
    'Feche outros separadores com a página de estado.',
  ],
  TOO_MANY_ARRIVALS: [
    'Já há downloads ou retransmissões demais em curso; tente de novo daqui a pouco.',
    'Retry-After diz quando; o operador pode subir MAX_DOWNLOADS ou MAX_RELAYS.',
  ],
  TOO_MANY_CONVERSIONS: [
    'Este servidor já prepara todos os filmes para navegadores que pode; tente de novo daqui a pouco.',
    'Ou abra o filme no Stremio ou em outro leitor, que não precisa de nada disso.',
  ],
  TOO_MANY_OPEN: [
    'Este servidor tem abertos todos os ficheiros e ligações que pode; tente de novo daqui a pouco.',
    'O operador pode subir o limite de ficheiros abertos (ulimit -n, LimitNOFILE).',
  ],
  TORRENT_NETWORK_AWAY: [
    'A rede por onde vêm os torrents está em baixo; tente de novo quando voltar.',
    'O operador reinicia a VPN ou o proxy: TORRENT_BIND ou TORRENT_PROXY indica-o.',
  ],
  DRAINING: [
    'Este servidor está a encerrar.',
    'Tente de novo dentro de um minuto: em regra, é reiniciado.',
  ],
  NO_PEERS: [
    'Ninguém com este torrent foi encontrado a tempo; tente outra fonte.',
    'O operador pode ver com "doctor" se os trackers e a DHT são alcançados.',
  ],
  NO_FIRST_BYTE: [
    'Nenhum byte chegou a tempo; tente de novo, ou outra fonte.',
    'O operador pode subir PLAY_TIMEOUT onde os enxames são lentos.',
  ],
  STALLED: [
    'Nenhum byte chegou durante 30 segundos.',
    'Continue a reproduzir: o que chegou fica guardado. Se continuar, tente outra fonte.',
  ],
  DOES_NOT_FIT: [
    'Não há espaço para este ficheiro dentro dos limites da cache.',
    'Escolha uma fonte menor; o operador pode subir CACHE_MAX_DISK_MB, ou soltar e remover ficheiros.',
  ],
}
