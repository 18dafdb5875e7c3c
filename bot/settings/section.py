"""What all sections of the settings are."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Settings that belong together. Code builds one by attribute name, `load_settings` by setting name."""

    model_config = ConfigDict(
        frozen=True, populate_by_name=True, validate_default=True, hide_input_in_errors=True
    )
