export { type WebhookDoor, type WhatsAppSettings, whatsapp } from './channel/whatsapp/whatsapp.ts'
