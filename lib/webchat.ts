export { type WebChatDoor, type WebChatSettings, webchat } from './channel/webchat/webchat.ts'
