import { html } from '../../markup/html.ts'
import type { Words } from './words.ts'

export const pt: Words = {
  install: {
    title: (name) => `${name} para o Stremio`,
    subtitle: (version) => `Extensão para o Stremio, versão ${version}`,
    heading: 'Instalar',
    description:
      'Reproduz o que lista: fontes numeradas de filmes e séries, transmitidas por este servidor enquanto chegam e guardadas na sua cache.',
    choose: 'Escolher o que é listado',
    chooseMore: 'resoluções, idiomas, tamanhos e mais, antes de instalar',
    know: 'Bom saber',
    facts: {
      swarm: {
        name: 'O seu endereço fica fora do enxame',
        text: html`A maioria dos filmes vem do BitTorrent, mas é este servidor que participa. Os outros veem o endereço do
    servidor, não o seu, e o seu aparelho só fala HTTP com este servidor. Por isso o Stremio não mostra nenhum
    aviso de P2P (<code>p2p: false</code>).`,
      },
      direct: {
        name: 'Links diretos',
        text: html`Algumas fontes são um ficheiro em outro servidor web. Reproduzir uma delas leva você até lá, e esse servidor
    vê o seu endereço, como em qualquer link.`,
      },
      plays: {
        name: 'Onde se reproduz',
        text: html`As aplicações de computador e de televisão reproduzem por https e http. O Stremio num navegador é uma página
    https: precisa deste servidor por https (ou na mesma máquina) e de filmes que os navegadores mostrem, como
    MP4 e WebM.`,
      },
    },
    relayed:
      'Algumas fontes são um ficheiro em outro servidor web. Este servidor vai buscá-lo por você: o outro vê o endereço deste, não o seu.',
    status: 'Estado e reproduções de teste',
  },
  posters: {
    heading: 'Livres para ver',
    hint: 'Filmes em domínio público ou com licenças Creative Commons. Reproduzem-se aqui mesmo, sem nenhuma aplicação.',
  },
  kept: {
    heading: 'Quem mantém este servidor e o que é guardado',
    operator: 'Quem o mantém',
    contact: 'Contacto',
    films: {
      name: 'Filmes',
      text: (time) =>
        `Guardados durante ${time} depois de vistos pela última vez; menos se for preciso espaço, e mais se quem mantém o servidor assim decidir.`,
      notPersistent: 'Todos são apagados quando o servidor reinicia.',
    },
    watched: {
      name: 'O que você vê',
      text: 'Não há histórico. Onde você parou e os idiomas escolhidos ficam no seu próprio navegador.',
    },
    address: {
      name: 'O seu endereço',
      text: 'Fica em memória para partilhar o servidor com justiça (alguns minutos) e para buscar o episódio seguinte com antecedência (quatro horas).',
      shown: {
        full: 'O registo nomeia-o quando alguém atinge um limite, e quem mantém o servidor vê-o ao lado do que está a ser reproduzido.',
        short: 'O registo e quem mantém o servidor veem-no apenas sem a última parte.',
        off: 'Nem o registo nem quem mantém o servidor o veem.',
      },
    },
    policy: 'O que diz sobre privacidade quem mantém o servidor',
  },
  address: {
    plain: html`Este servidor fala http sem cifra. Copie o endereço abaixo e cole-o no
Stremio em <strong>Addons</strong>, <strong>Adicionar addon</strong>: o botão de instalar precisa de https, e o
Stremio Web também, a menos que corra na mesma máquina que este servidor.`,
    secure:
      'Este servidor fala https: aplicações, telefones, televisores e o Stremio Web podem instalá-lo.',
    inApp: 'Instalar no Stremio',
    inWeb: 'Instalar no Stremio Web',
    label: 'Endereço da extensão',
    copy: 'Copiar',
    copied: 'Copiado',
    notCopied: 'Não copiado',
    loopback:
      'Outros aparelhos não alcançam este endereço: ele é o desta própria máquina. Abra esta página pelo nome ou endereço do servidor na sua rede, e aqui aparece um código para telefones.',
    installs: {
      code: 'Código QR que instala a extensão',
      what: 'Aponte um telefone ou tablet para ele: o Stremio abre e pergunta se deve instalar. Com a mesma conta, a sua televisão também a tem.',
    },
    opens: {
      code: 'Código QR que abre esta página',
      what: 'Aponte um telefone ou tablet para ele: esta página abre, e você copia o endereço para o Stremio. Com a mesma conta, a sua televisão também a tem.',
    },
  },
  configure: {
    title: (name) => `Escolher o que ${name} lista`,
    subtitle: 'Escolha o que é listado e depois instale',
    installPage: 'Página de instalação',
    inAddress: html`As suas escolhas estão no próprio endereço; o servidor não guarda nada delas. Para mudá-las
          depois, toque em <strong>Configurar</strong> na extensão dentro do Stremio. É então outro endereço:
          remova o antigo.`,
    swarm:
      'Os filmes vêm do BitTorrent através deste servidor: os outros veem o endereço do servidor, não o seu. Os links diretos são a exceção; pode deixá-los de fora.',
    obsolete:
      'Esta versão do servidor não entende o endereço de onde você veio, por isso ele não lista nada. Escolha de novo abaixo, instale isso e remova o antigo no Stremio.',
    tooMany: 'Tantos fornecedores não cabem num endereço. Deixe menos de fora e instale isso.',
    notUnderstood: 'O formulário não foi entendido.',
    badSize: 'O tamanho máximo tem de ser um número de GB até 1000, como 8 ou 1,5.',
  },
  form: {
    resolutions: 'Resoluções',
    resolution: {
      '2160': '4K (2160p)',
      '1440': '1440p',
      '1080': 'Full HD (1080p)',
      '720': 'HD (720p)',
      sd: 'SD (576p e menos)',
      unknown: 'Não indicada',
    },
    orderAndSize: 'Ordem e tamanho',
    order: 'Ordem da lista',
    sort: {
      best: 'Primeiro o que está pronto, depois o melhor',
      quality: 'Maior resolução primeiro',
      small: 'Menor ficheiro primeiro',
      large: 'Maior ficheiro primeiro',
      seeders: 'Mais semeadores primeiro',
    },
    size: 'Tamanho máximo em GB',
    noLimit: 'Sem limite',
    languages: 'Idiomas',
    languagesHint:
      'Sem nenhum escolhido, todos. Senão, fica de fora o que se diz apenas noutros idiomas; o que nada diz do seu idioma fica, depois do que diz.',
    anyLanguage: 'Qualquer idioma',
    leaveOut: 'Deixar de fora',
    hide: {
      remote: 'O que este servidor ainda não tem',
      camera: 'Cópias filmadas no cinema',
      direct: 'Links diretos para outros servidores',
      auto: 'A entrada "Auto"',
      catalogs: 'Os catálogos deste servidor',
    },
    hints: {
      remote:
        'Fica o que se reproduz de imediato. Filmes novos só aparecem depois de outra pessoa os ter visto.',
      camera: 'Versões cam, telesync e screener.',
      direct: 'Esses servidores veriam o seu endereço.',
      auto: 'Ela tenta sozinha várias fontes da sua lista e reproduz a primeira que responde.',
      catalogs: 'As filas do ecrã inicial; as listas de fontes ficam.',
    },
    sources: 'Fontes de',
    ownCatalogue: 'O catálogo do próprio servidor',
    apply: 'Criar o meu endereço',
    startOver: 'Recomeçar',
  },
}
