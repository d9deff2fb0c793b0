"""What an officer does on custody's pages: sit down with a key, answer a form, sign."""

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from playwright.sync_api import Page, expect

from steppewatch.custody.ledger import MemorySigner


def be(page: Page, name: str, signer: MemorySigner) -> None:
    """Sit down as this person, with the key from their file."""
    pem = signer.secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    page.locator("header button").last.click()
    page.get_by_label("your id").fill(name)
    file = {"name": "key.pem", "mimeType": "application/x-pem-file", "buffer": pem}
    page.get_by_label("key file").set_input_files(file)
    expect(page.locator(".enrol code")).to_contain_text("steppewatch:key:EdDSA:")
    page.get_by_role("button", name="Done").click()


def sign(page: Page) -> None:
    page.get_by_role("button", name="Sign as").click()
    expect(page.locator("dialog.sign")).to_have_count(0)


def fill(page: Page, **answers: str) -> None:
    for name, answer in answers.items():
        field = page.locator(f"dialog [name='{name}']")
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(answer)
        else:
            field.fill(answer)
    page.get_by_role("button", name="Read it over").click()
