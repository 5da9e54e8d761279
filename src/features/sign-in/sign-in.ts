/** The door of sign-in: what start-up and other slices may call. */
export { authenticateRequest, registerSignIn } from './sign-in-routes.ts';
export {
  createOwnerLink,
  createSetUpLink,
  previousVisitOf,
  type SignInContext,
} from './sign-in-service.ts';
