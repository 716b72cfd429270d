"""Settings, read from the environment (``TIMEBANK_…``) by the process edges and nowhere else.

No secret has a default: database passwords come in the URL, keys lie in files outside the data
folder.  Every name, default and bound stands in ``docs/reference/settings.md``.
"""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ledger.outgoing import Address

_DATABASE_FILE = "timebank.sqlite3"
_VAULT_KEY_FILE = "vault.key"
_WRAPPED_KEYS_FILE = "wrapped-keys.sqlite3"


class Settings(BaseSettings):
    """What a deployment may decide; immutable once read.

    Raises:
        pydantic.ValidationError: a value is out of its bounds, or the keys lie inside the data
            folder, where one stolen backup would open everything.
    """

    model_config = SettingsConfigDict(
        env_prefix="TIMEBANK_",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,  # a refused URL may hold a password
    )

    data: Path = Field(Path("timebank-data"), description="Folder of one book.")
    keys: Path | None = Field(
        None, description="Folder of the signing keys; by default the data folder's name + `.keys`."
    )
    vault_master_key_file: Path | None = Field(
        None, description="File of the vault's master key; by default `vault.key` beside the keys."
    )
    wrapped_keys_url: SecretStr | None = Field(
        None,
        description="SQLAlchemy URL of the store of wrapped keys; by default the SQLite file "
        "`wrapped-keys.sqlite3` in the data folder's name + `.vault`.",
    )
    policy_folder: Path | None = Field(
        None, description="Folder of the city's own policy profiles (`*.toml`), beside the shipped."
    )

    database_url: SecretStr | None = Field(
        None, description="SQLAlchemy URL; by default the SQLite file in the data folder."
    )
    database_owner_url: SecretStr | None = Field(
        None, description="PostgreSQL only: the role that owns the tables, for migrations alone."
    )

    host: str = Field("127.0.0.1", description="Address that the server listens on.")
    port: int = Field(8000, ge=1, le=65_535, description="Port that the server listens on.")
    session_minutes: int = Field(
        30, ge=1, le=12 * 60, description="A staff session ends after so many idle minutes."
    )
    kiosk_session_minutes: int = Field(
        3, ge=1, le=30, description="A kiosk session ends after so many idle minutes."
    )
    upload_max_bytes: int = Field(
        20 * 2**20, ge=2**10, le=2**30, description="Largest register that may be uploaded."
    )

    retention_years: int = Field(
        10,
        ge=1,
        le=100,
        description="Years after somebody's last record for which the books must keep who they "
        "were; until then forgetting restricts (personal information law, art. 47).",
    )
    group_size_max: int = Field(
        1_000, ge=1, le=100_000, description="Most items that one commit of the writer carries."
    )
    publish_interval_ms: int = Field(
        1_000, ge=10, le=1_500, description="Tiles and checkpoint are published this often."
    )
    witness_policy: Path | None = Field(
        None, description="Trust policy (C2SP) whose witnesses must cosign; by default none do."
    )
    sms_webhook: str | None = Field(
        None, description="Gateway for text messages: one JSON POST each; by default paper alone."
    )
    sms_secret: SecretStr | None = Field(
        None, description="What messages to that gateway are signed with (HMAC-SHA256)."
    )
    wecom_webhook: SecretStr | None = Field(
        None, description="Address of the stations' group robot (企业微信); by default none."
    )
    timestamp_root: Path | None = Field(
        None, description="PEM file of the root certificates that the authority's tokens need."
    )
    timestamp_url: str | None = Field(
        None, description="Time-stamping authority (RFC 3161), asked once a day; by default none."
    )
    scheduler_in_server: bool = Field(
        False, description="Run the jobs inside `serve`: for one single PC."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severity of the program's own log lines."
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="Log lines for people or for a collector."
    )
    access_log_file: Path | None = Field(
        None, description="File of the access log, without personal data; by default none is kept."
    )
    access_log_days: int = Field(
        190, ge=184, le=3_660, description="Days that the access log is kept, six months at least."
    )

    @model_validator(mode="after")
    def _keys_lie_apart(self) -> Self:
        data = self.data.resolve()
        store = Path(self.store_url().removeprefix("sqlite:///"))
        for path in (self.keys_folder, self.vault_key_path, store):
            if path.resolve().is_relative_to(data):
                raise ValueError(f"{path.name} must not lie inside the data folder")
        return self

    @field_validator("timestamp_url")
    @classmethod
    def _stamps_can_be_verified(cls, url: str | None, others: ValidationInfo) -> str | None:
        if url is not None:
            Address.parse(url)
            if others.data.get("timestamp_root") is None:
                raise ValueError("it needs TIMEBANK_TIMESTAMP_ROOT, or no token can be verified")
        return url

    @model_validator(mode="after")
    def _gateways_can_be_asked(self) -> Self:
        if (self.sms_webhook is None) is not (self.sms_secret is None):
            raise ValueError("TIMEBANK_SMS_WEBHOOK and TIMEBANK_SMS_SECRET need each other")
        if self.sms_webhook is not None:
            Address.parse(self.sms_webhook)
        if self.wecom_webhook is not None:
            try:
                Address.parse(self.wecom_webhook.get_secret_value(), with_query=True)
            except ValueError:
                # Its query is a secret, so the reason must not repeat it.
                raise ValueError("TIMEBANK_WECOM_WEBHOOK is no http or https address") from None
        return self

    @property
    def keys_folder(self) -> Path:
        """Where the signing keys lie: outside the data folder, so that a copy of it has none."""
        return self._beside(".keys") if self.keys is None else self.keys

    @property
    def vault_key_path(self) -> Path:
        """The file without which no name in the vault can be read."""
        return self.vault_master_key_file or self.keys_folder / _VAULT_KEY_FILE

    @property
    def vault_folder(self) -> Path:
        """Where the wrapped keys lie unless they have a URL: apart from data and keys, because its
        backups are short-lived."""
        return self._beside(".vault")

    @property
    def log_folder(self) -> Path:
        """Where the log's public files are written, as tlog-tiles lays them out."""
        return self.data / "log"

    @property
    def timestamps_folder(self) -> Path:
        """Where the daily time stamps lie: beside the log, which has no file of others."""
        return self.data / "timestamps"

    def engine_url(self) -> str:
        """The URL that the service connects with; it may hold a password, so never print it."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.data / _DATABASE_FILE).as_posix()}"

    def store_url(self) -> str:
        """The URL of the store of wrapped keys; it may hold a password, so never print it."""
        if self.wrapped_keys_url is not None:
            return self.wrapped_keys_url.get_secret_value()
        return f"sqlite:///{(self.vault_folder / _WRAPPED_KEYS_FILE).as_posix()}"

    def owner_url(self) -> str:
        """The URL that migrations connect with: the owner's where one is set."""
        if self.database_owner_url is not None:
            return self.database_owner_url.get_secret_value()
        return self.engine_url()

    def _beside(self, ending: str) -> Path:
        data = self.data if self.data.name not in ("", "..") else self.data.resolve()
        return data.with_name(data.name + ending)
