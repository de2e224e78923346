import type { en } from './en.ts'

const DASHBOARD = `¡Hola, {firstName}!
@{handle} ({name})

Saldos
{balances}

Ofertas: {incoming} por responder, {outgoing} en curso`

/** Everything the ledger bot says, in Spanish. */
export const es: Readonly<Record<keyof typeof en, string>> = {
  'reg.welcome': '¡Bienvenido! Aún no tiene cuenta aquí. Toque el botón para unirse.',
  'reg.join': 'Unirse',
  'reg.askFirst': 'Muy bien. ¿Cuál es su nombre?',
  'reg.askLast': 'Gracias. ¿Y su apellido?',
  'reg.done': 'Bienvenido, su cuenta está lista.',

  'menu.dashboard': DASHBOARD,
  'menu.limited': `${DASHBOARD}\nLe queda de su límite diario: {limits}`,
  'menu.noAccount': 'Elija una cuenta para ver sus saldos.',
  'menu.offer': 'Ofrecer crédito',
  'menu.offer.about': 'Ofrecer un importe a otra cuenta',
  'menu.accept': 'Aceptar una oferta',
  'menu.accept.about': 'Tomar una oferta que le espera',
  'menu.decline': 'Rechazar una oferta',
  'menu.decline.about': 'Decir que no a una oferta que le espera',
  'menu.acceptAll': 'Aceptar todas',
  'menu.acceptAll.about': 'Tomar de una vez todo lo que le espera',
  'menu.cancel': 'Cancelar una oferta',
  'menu.cancel.about': 'Retirar una oferta que nadie respondió todavía',
  'menu.ledger': 'Ver los movimientos',
  'menu.ledger.about': 'Lo que entró y salió, lo último primero',
  'menu.switch': 'Cambiar de cuenta',
  'menu.switch.about': 'Actuar por otra de sus cuentas',
  'menu.upgrade': 'Subir de nivel',
  'menu.upgrade.about': 'Pasar al siguiente nivel y librarse del límite diario',
  'menu.open': 'Elegir',
  'menu.offers': 'Ofertas',
  'menu.account': 'Su cuenta',
  'menu.language': 'English? Send: language',
  'pick.language': '¿En qué idioma quiere hablar?',

  'ask.amount': '¿Cuánto quiere ofrecer? Envíe un importe, por ejemplo 12.50 o ZWG 100.',
  'ask.handle': '¿Qué usuario debe recibirlo?',
  'ask.confirm': 'Por favor confirme: {amount} de usted (@{from}) a @{to}.',
  'ok.offer': 'Su oferta fue enviada.',
  'ok.cancelled': 'Cancelado, no se cambió nada.',

  'list.offers.accept': 'Ofertas pendientes para usted. ¿Cuál acepta?',
  'list.offers.decline': 'Ofertas pendientes para usted. ¿Cuál rechaza?',
  'list.offers.cancel': 'Sus ofertas pendientes. ¿Cuál cancela?',
  'empty.offers': 'No hay ofertas.',
  'list.offers': 'Ofertas pendientes',
  'list.back': 'Volver al menú',
  'ok.accept': 'Oferta aceptada.',
  'ok.decline': 'Oferta rechazada.',
  'ok.cancel': 'Oferta cancelada.',
  'ask.confirmAll': '¿Aceptar las {count} ofertas?',
  'ok.acceptAll': 'Las {count} ofertas fueron aceptadas.',
  'ok.acceptAll.partial': 'Se aceptaron {accepted} de {count}; {failed} no se pudieron aceptar.',

  'pick.account': '¿Por qué cuenta quiere actuar?',
  'pick.accounts': 'Sus cuentas',
  'ledger.page': 'Movimientos de @{handle}, lo último primero:\n{lines}',
  'ledger.empty': 'Aún no hay movimientos de @{handle}.',
  'ledger.prev': 'Más nuevos',
  'ledger.next': 'Más antiguos',
  'ledger.dashboard': 'Inicio',
  'ask.upgrade': '¿Subir al siguiente nivel? Se descuenta una pequeña cuota de su cuenta.',
  'ok.upgrade': 'Listo, ya está en el nuevo nivel.',

  'err.button': 'Por favor use un botón de abajo.',
  'err.list': 'Por favor elija una entrada de la lista.',
  'err.ledger': 'Por favor elija una opción: use un botón de abajo.',
  'err.textOnly': 'Aquí solo puedo leer texto.',
  'err.name': 'Un nombre tiene de 3 a 50 caracteres. Envíelo de nuevo, por favor.',
  'err.amount': 'Ese importe no me sirve. Envíe un número mayor que cero, como 12.50 o ZWG 100.',
  'err.amount.denom': 'Moneda desconocida. Use una de {denominations}.',
  'err.amount.precision': 'Demasiados decimales: {denom} tiene {decimals}.',
  'err.amount.limit': 'Eso supera su límite diario, hoy le quedan {left}.',
  'err.amount.balance': 'No le alcanza el saldo, tiene {balance}.',
  'err.handle.format': 'Un usuario tiene de 1 a 30 letras, cifras o guiones bajos.',
  'err.handle.unknown': 'No se encontró ninguna cuenta con ese usuario.',
  'err.handle.self': 'No puede ofrecerse a sí mismo. ¿De quién es el usuario?',
  'err.confirm': 'Por favor confirme o cancele.',
  'err.offer.gone': 'Esa oferta ya no está pendiente.',
  'err.upgrade.balance': 'No le alcanza el saldo para subir de nivel.',
  'err.upgrade.already': 'Ya está en ese nivel.',
  'err.core': 'Ahora no se puede alcanzar el registro, inténtelo de nuevo, por favor.',
  'err.core.maybe':
    'El registro no respondió, así que pudo haberse hecho o no. ' +
    'Inténtelo de nuevo, por favor: nada se hace dos veces.',
  'err.refused': 'El registro no lo aceptó, no se cambió nada.',
  'refused.balance': 'Ya no alcanza el saldo para eso, así que no se ofreció nada.',
  'refused.limit': 'Eso ya supera su límite diario, así que no se ofreció nada.',

  'notice.expired': 'Su sesión terminó, así que empecemos de nuevo.',
  'notice.stale': 'Esa opción ya no está abierta.',
  'notice.reset': 'Perdón, algo salió mal de nuestro lado. Volvemos al menú.',
  'notice.working': 'Sigo trabajando en ello, un momento.',
  'notice.unresolved':
    'Lo que confirmó quizá ya se realizó. Revise sus movimientos antes de repetirlo.',
  'notice.held': 'Una persona lo está mirando. Sus mensajes esperan y se responden en orden.',
  'notice.retired': 'Esto cambió mientras tanto, así que empecemos de nuevo.',
  'button.confirm': 'Confirmar',
  'button.cancel': 'Cancelar'
}
