"""The main window: panels, docks, menus, actions and the controllers that connect them."""
